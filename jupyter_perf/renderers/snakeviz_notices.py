"""The licences of the libraries that snakeviz's page brings along; they go where the page goes."""

NOTICES = """The page includes these libraries, as snakeviz distributes them:

jQuery 3.2.1, Copyright JS Foundation and other contributors, https://jquery.org (MIT)
DataTables 1.10.15, Copyright 2008-2017 SpryMedia Ltd, https://datatables.net (MIT)
Lodash 4, Copyright JS Foundation and other contributors, based on Underscore.js, Copyright Jeremy
  Ashkenas, DocumentCloud and Investigative Reporters and Editors, https://lodash.com (MIT)
D3 3, Copyright 2010-2016 Michael Bostock, https://d3js.org (BSD 3-Clause: the conditions above, with
  this holder's name in place of snakeviz's)
Immutable 3, Copyright 2014-2015 Facebook, Inc., https://immutable-js.com (BSD 3-Clause: likewise)

The MIT License

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
associated documentation files (the "Software"), to deal in the Software without restriction, including
without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the
following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial
portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT
LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO
EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER
IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR
THE USE OR OTHER DEALINGS IN THE SOFTWARE."""
