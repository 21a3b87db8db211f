// Generated from jupyter_perf/model by `python -m jupyter_perf.model.typescript`: change it there.

/** The schema number of the JSON that these types describe; a larger one is not to be read. */
export const SCHEMA = 1;

export type Verdict = 'faster' | 'slower' | 'no difference shown' | 'inconclusive' | 'results differ';

export type FixKind = 'code' | 'sql' | 'index';

export type Severity = 'info' | 'warning' | 'error';

export type PartialReason = 'exception' | 'interrupt';

/**
 * The user's lines, hottest first.
 *
 * `self_s` is wall time at the line, with the library code that it called but without other lines
 * of the user's; the lines' `self_s` add up to the cell's wall time. `wait_s` is the part of it
 * that was off the processor or suspended. `total_s` includes the user's own functions.
 */
export interface LinesTable {
  file: (string | null)[];
  line: (number | null)[];
  source: (string | null)[];
  self_s: (number | null)[];
  total_s: (number | null)[];
  self_share: (number | null)[];
  cumulative_share: (number | null)[];
  wait_s: (number | null)[];
  memory_bytes: (number | null)[];
}

/** Every function seen, libraries' included, by own time. `calls` is there after `--exact`. */
export interface FunctionsTable {
  function: (string | null)[];
  file: (string | null)[];
  line: (number | null)[];
  self_s: (number | null)[];
  total_s: (number | null)[];
  self_share: (number | null)[];
  total_share: (number | null)[];
  calls: (number | null)[];
}

/** Call stacks, outermost first, with the seconds spent at their innermost frame. */
export interface StacksTable {
  stack: (string[] | null)[];
  thread: (string | null)[];
  self_s: (number | null)[];
}

/** One row for each logical statement; `start_s` counts from the start of the run. */
export interface QueriesTable {
  start_s: (number | null)[];
  duration_s: (number | null)[];
  operation: (string | null)[];
  sql: (string | null)[];
  params: (string | null)[];
  fingerprint: (string | null)[];
  rows: (number | null)[];
  driver: (string | null)[];
  database: (string | null)[];
  file: (string | null)[];
  line: (number | null)[];
  function: (string | null)[];
  task: (string | null)[];
  thread: (string | null)[];
  error: (string | null)[];
}

/** Queries grouped by fingerprint, database and call site, by total time. */
export interface StatementsTable {
  fingerprint: (string | null)[];
  operation: (string | null)[];
  calls: (number | null)[];
  total_s: (number | null)[];
  mean_s: (number | null)[];
  p95_s: (number | null)[];
  max_s: (number | null)[];
  rows: (number | null)[];
  distinct_params: (number | null)[];
  database: (string | null)[];
  file: (string | null)[];
  line: (number | null)[];
}

/** Query plans, a row for each node. */
export interface PlansTable {
  fingerprint: (string | null)[];
  dialect: (string | null)[];
  node: (string | null)[];
  depth: (number | null)[];
  table: (string | null)[];
  index: (string | null)[];
  estimated_rows: (number | null)[];
  estimated_cost: (number | null)[];
}

/** Suspended time by task and awaiting line. */
export interface AwaitsTable {
  task: (string | null)[];
  file: (string | null)[];
  line: (number | null)[];
  source: (string | null)[];
  calls: (number | null)[];
  wait_s: (number | null)[];
  mean_s: (number | null)[];
  max_s: (number | null)[];
}

/** Calls of the user's functions, and how many repeated their arguments. */
export interface CallsTable {
  function: (string | null)[];
  file: (string | null)[];
  line: (number | null)[];
  calls: (number | null)[];
  distinct_args: (number | null)[];
  total_s: (number | null)[];
  repeated_s: (number | null)[];
}

/** HTTP requests made while the code ran. */
export interface RequestsTable {
  start_s: (number | null)[];
  duration_s: (number | null)[];
  method: (string | null)[];
  route: (string | null)[];
  status: (number | null)[];
  bytes: (number | null)[];
  encoding: (string | null)[];
  statements: (number | null)[];
  file: (string | null)[];
  line: (number | null)[];
}

/** Resident memory of the process over time. */
export interface MemoryTable {
  at_s: (number | null)[];
  rss_bytes: (number | null)[];
}

/** What results weigh, field by field. */
export interface PayloadsTable {
  name: (string | null)[];
  kind: (string | null)[];
  path: (string | null)[];
  records: (number | null)[];
  bytes: (number | null)[];
  gzip_bytes: (number | null)[];
  zstd_bytes: (number | null)[];
}

/** The notebook cells that `file` names, with their source. */
export interface CellsTable {
  file: (string | null)[];
  cell_id: (string | null)[];
  execution_count: (number | null)[];
  source: (string | null)[];
}

/** Where the wall time went, by category; the seconds add up to `wall_s`. */
export interface BreakdownTable {
  category: (string | null)[];
  seconds: (number | null)[];
  share: (number | null)[];
}

/** Running, waiting and SQL time of the cell's thread in equal slices of the run. */
export interface TimelineTable {
  at_s: (number | null)[];
  width_s: (number | null)[];
  cpu_s: (number | null)[];
  wait_s: (number | null)[];
  sql_s: (number | null)[];
}

/** Processor time and observed time by thread. */
export interface ThreadsTable {
  thread: (string | null)[];
  cpu_s: (number | null)[];
  wall_s: (number | null)[];
}

/** The user's functions with the time of the libraries that they called, by own time. */
export interface UserFunctionsTable {
  function: (string | null)[];
  file: (string | null)[];
  line: (number | null)[];
  self_s: (number | null)[];
  total_s: (number | null)[];
  self_share: (number | null)[];
  total_share: (number | null)[];
}

/** CProfile's counts and times by function (`--exact`). */
export interface ExactFunctionsTable {
  function: (string | null)[];
  file: (string | null)[];
  line: (number | null)[];
  primitive_calls: (number | null)[];
  calls: (number | null)[];
  self_s: (number | null)[];
  total_s: (number | null)[];
}

/** CProfile's caller pairs, as row numbers of `exact_functions` (`--exact`). */
export interface ExactCallersTable {
  callee: (number | null)[];
  caller: (number | null)[];
  primitive_calls: (number | null)[];
  calls: (number | null)[];
  self_s: (number | null)[];
  total_s: (number | null)[];
}

/** line_profiler's counts and times by line (`--lines`). */
export interface ProfiledLinesTable {
  function: (string | null)[];
  file: (string | null)[];
  line: (number | null)[];
  source: (string | null)[];
  hits: (number | null)[];
  total_s: (number | null)[];
  mean_s: (number | null)[];
}

/** Memory by line (`--memory`). */
export interface MemoryLinesTable {
  function: (string | null)[];
  file: (string | null)[];
  line: (number | null)[];
  source: (string | null)[];
  growth_bytes: (number | null)[];
  peak_bytes: (number | null)[];
  hits: (number | null)[];
}

/**
 * What changed besides time, largest first: totals, lines and statements of one run of each.
 *
 * `place` is where it stands before and, if elsewhere, after; counts are exact. A line or statement
 * that one side does not have has a missing value there.
 */
export interface ChangesTable {
  kind: (string | null)[];
  what: (string | null)[];
  place: (string | null)[];
  before: (number | null)[];
  after: (number | null)[];
  change: (number | null)[];
  unit: (string | null)[];
}

/** The tables that a run can have, by name. */
export interface Tables {
  lines: LinesTable;
  functions: FunctionsTable;
  stacks: StacksTable;
  queries: QueriesTable;
  statements: StatementsTable;
  plans: PlansTable;
  awaits: AwaitsTable;
  calls: CallsTable;
  requests: RequestsTable;
  memory: MemoryTable;
  payloads: PayloadsTable;
  cells: CellsTable;
  breakdown: BreakdownTable;
  timeline: TimelineTable;
  threads: ThreadsTable;
  user_functions: UserFunctionsTable;
  exact_functions: ExactFunctionsTable;
  exact_callers: ExactCallersTable;
  profiled_lines: ProfiledLinesTable;
  memory_lines: MemoryLinesTable;
}

/** The tables that a comparison can have, by name. */
export interface ComparisonTables {
  changes: ChangesTable;
}

/** The tables that were recorded. A table or a column that was not measured is not there. */
export type Recorded<All> = {
  [Name in keyof All]?: { [Column in keyof All[Name]]?: All[Name][Column] };
};

/**
 * Paired samples of two pieces of code; `name` is the one compared with `baseline`.
 *
 * `ratio` is time before ÷ time after, so that above 1 is faster; `low` and `high` bound it with
 * `confidence`, all comparisons of a report together. The samples are seconds of one execution, pair by
 * pair, of `loops_before` and `loops_after` executions each; the first execution of each stands apart.
 * Differences within `floor`, a ratio of at least 1, also show between the same code and itself.
 * The changes are exact: after minus before. `same_result` is None where the results were not compared.
 */
export interface Comparison {
  name: string;
  verdict: Verdict;
  before_s: number[];
  after_s: number[];
  ratio: number | null;
  low: number | null;
  high: number | null;
  reason: string | null;
  statements_change: number | null;
  rows_change: number | null;
  bytes_change: number | null;
  calls_change: number | null;
  baseline: string;
  confidence: number;
  floor: number | null;
  first_before_s: number | null;
  first_after_s: number | null;
  loops_before: number | null;
  loops_after: number | null;
  same_result: boolean | null;
  differences: string[];
  notes: string[];
  tables: Recorded<ComparisonTables>;
}

/** Whether a fix gives the same result, and how much faster it is; `reason` where that is not known. */
export interface Proof {
  same_result: boolean | null;
  reason: string | null;
  comparison: Comparison | null;
}

/** A rewrite: the text before and after, and why it helps. */
export interface Fix {
  kind: FixKind;
  before: string;
  after: string;
  explanation: string;
  proof: Proof | null;
}

/** A fault at a line. `cost_s` and `cost_bytes` are what would be saved, not a score. */
export interface Finding {
  rule: string;
  severity: Severity;
  message: string;
  file: string | null;
  line: number | null;
  cost_s: number | null;
  cost_bytes: number | null;
  evidence: string[];
  fix: Fix | null;
}

/** The same cell's run before this one; `started_at` is Unix time in seconds. */
export interface Previous {
  run_id: string;
  started_at: number;
  wall_s: number;
  same_source: boolean;
}

/**
 * What happened while one piece of code ran, once.
 *
 * Seconds and bytes throughout. `None` is a value that was not measured. `started_at` is Unix time in
 * seconds; times inside the tables count from the start of the run. `wait_s` is wall time in which
 * the thread that ran the cell was not on a processor; `cpu_s` is the time of the whole process.
 * `folded` says in words what was merged to keep the run bounded. `partial` says why the code did
 * not come to its end.
 */
export interface Run {
  run_id: string;
  label: string | null;
  cell_id: string | null;
  started_at: number;
  wall_s: number;
  cpu_s: number | null;
  wait_s: number | null;
  sql_s: number | null;
  gc_s: number | null;
  peak_bytes: number | null;
  growth_bytes: number | null;
  sampler: string | null;
  rate_hz: number | null;
  overhead_s: number | null;
  folded: string[];
  notes: string[];
  environment: Record<string, string>;
  partial: PartialReason | null;
  tables: Recorded<Tables>;
}

/**
 * A run and what is said of it. Renderers, the store and the browser receive this.
 *
 * With `comparisons` it is a report of these, and `run` is the recorded run of what they compare with.
 */
export interface Report {
  run: Run;
  findings: Finding[];
  comparisons: Comparison[];
  previous: Previous | null;
}

/** A Run as it is saved and sent. */
export interface SavedRun extends Run {
  schema: number;
  kind: 'run';
}

/** A Report as it is saved and sent. */
export interface SavedReport extends Report {
  schema: number;
  kind: 'report';
}

/** A Comparison as it is saved and sent. */
export interface SavedComparison extends Comparison {
  schema: number;
  kind: 'comparison';
}
