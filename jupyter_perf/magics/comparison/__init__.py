"""What `%%compare` needs of the shell: its options, the parts of its cell, and the course of it."""
