/** What the info string of a fence means. */

/** By highlight.js's own name; aliases separated by spaces. */
export const LANGUAGES: Record<string, { name: string; aliases: string }> = {
  bash: { name: 'Bash', aliases: 'sh shell-script zsh' },
  c: { name: 'C', aliases: 'h' },
  cpp: { name: 'C++', aliases: 'c++ cc cxx hpp h++' },
  csharp: { name: 'C#', aliases: 'cs c#' },
  css: { name: 'CSS', aliases: '' },
  diff: { name: 'Diff', aliases: 'patch' },
  dockerfile: { name: 'Dockerfile', aliases: 'docker' },
  go: { name: 'Go', aliases: 'golang' },
  ini: { name: 'INI', aliases: 'toml conf cfg' },
  java: { name: 'Java', aliases: '' },
  javascript: { name: 'JavaScript', aliases: 'js jsx mjs cjs' },
  json: { name: 'JSON', aliases: 'jsonc json5 jsonl' },
  markdown: { name: 'Markdown', aliases: 'md mkd mdx' },
  php: { name: 'PHP', aliases: '' },
  python: { name: 'Python', aliases: 'py python3 gyp' },
  ruby: { name: 'Ruby', aliases: 'rb' },
  rust: { name: 'Rust', aliases: 'rs' },
  shell: { name: 'Shell', aliases: 'console shellsession sh-session terminal' },
  sql: { name: 'SQL', aliases: 'sqlite mysql' },
  typescript: { name: 'TypeScript', aliases: 'ts tsx mts cts' },
  xml: { name: 'XML', aliases: 'html xhtml svg rss atom xsl plist vue svelte' },
  yaml: { name: 'YAML', aliases: 'yml' },
  ada: { name: 'Ada', aliases: '' },
  apache: { name: 'Apache', aliases: 'apacheconf htaccess' },
  arduino: { name: 'Arduino', aliases: 'ino' },
  armasm: { name: 'ARM assembly', aliases: 'arm' },
  awk: { name: 'AWK', aliases: '' },
  clojure: { name: 'Clojure', aliases: 'clj edn' },
  cmake: { name: 'CMake', aliases: '' },
  coffeescript: { name: 'CoffeeScript', aliases: 'coffee' },
  crystal: { name: 'Crystal', aliases: 'cr' },
  d: { name: 'D', aliases: '' },
  dart: { name: 'Dart', aliases: '' },
  delphi: { name: 'Delphi', aliases: 'pascal pas' },
  django: { name: 'Django', aliases: 'jinja jinja2' },
  dns: { name: 'DNS', aliases: 'zone bind' },
  dos: { name: 'Batch', aliases: 'bat cmd' },
  elixir: { name: 'Elixir', aliases: 'ex exs' },
  elm: { name: 'Elm', aliases: '' },
  erlang: { name: 'Erlang', aliases: 'erl' },
  fortran: { name: 'Fortran', aliases: 'f90 f95' },
  fsharp: { name: 'F#', aliases: 'fs f#' },
  glsl: { name: 'GLSL', aliases: '' },
  gradle: { name: 'Gradle', aliases: '' },
  graphql: { name: 'GraphQL', aliases: 'gql' },
  groovy: { name: 'Groovy', aliases: '' },
  handlebars: { name: 'Handlebars', aliases: 'hbs' },
  haskell: { name: 'Haskell', aliases: 'hs' },
  haxe: { name: 'Haxe', aliases: 'hx' },
  http: { name: 'HTTP', aliases: 'https' },
  julia: { name: 'Julia', aliases: 'jl' },
  kotlin: { name: 'Kotlin', aliases: 'kt kts' },
  latex: { name: 'LaTeX', aliases: 'tex' },
  less: { name: 'Less', aliases: '' },
  lisp: { name: 'Lisp', aliases: 'common-lisp elisp' },
  llvm: { name: 'LLVM IR', aliases: '' },
  lua: { name: 'Lua', aliases: '' },
  makefile: { name: 'Makefile', aliases: 'make mk' },
  mathematica: { name: 'Mathematica', aliases: 'wolfram' },
  matlab: { name: 'MATLAB', aliases: 'octave' },
  nginx: { name: 'Nginx', aliases: 'nginxconf' },
  nim: { name: 'Nim', aliases: '' },
  nix: { name: 'Nix', aliases: 'nixos' },
  objectivec: { name: 'Objective-C', aliases: 'objc obj-c mm' },
  ocaml: { name: 'OCaml', aliases: 'ml' },
  perl: { name: 'Perl', aliases: 'pl pm' },
  pgsql: { name: 'PostgreSQL', aliases: 'postgres postgresql' },
  powershell: { name: 'PowerShell', aliases: 'ps1 ps pwsh' },
  prolog: { name: 'Prolog', aliases: '' },
  properties: { name: 'Properties', aliases: 'env dotenv' },
  protobuf: { name: 'Protocol Buffers', aliases: 'proto proto3' },
  puppet: { name: 'Puppet', aliases: 'pp' },
  qml: { name: 'QML', aliases: '' },
  r: { name: 'R', aliases: '' },
  reasonml: { name: 'ReasonML', aliases: 're' },
  sas: { name: 'SAS', aliases: '' },
  scala: { name: 'Scala', aliases: '' },
  scheme: { name: 'Scheme', aliases: 'scm racket' },
  scss: { name: 'SCSS', aliases: 'sass' },
  smalltalk: { name: 'Smalltalk', aliases: 'st' },
  stata: { name: 'Stata', aliases: '' },
  stylus: { name: 'Stylus', aliases: 'styl' },
  swift: { name: 'Swift', aliases: '' },
  tcl: { name: 'Tcl', aliases: '' },
  thrift: { name: 'Thrift', aliases: '' },
  twig: { name: 'Twig', aliases: '' },
  vala: { name: 'Vala', aliases: '' },
  vbnet: { name: 'Visual Basic', aliases: 'vb' },
  verilog: { name: 'Verilog', aliases: 'v sv systemverilog' },
  vhdl: { name: 'VHDL', aliases: '' },
  vim: { name: 'Vim script', aliases: 'vimscript viml' },
  wasm: { name: 'WebAssembly', aliases: 'wat' },
  x86asm: { name: 'x86 assembly', aliases: 'asm nasm' },
  xquery: { name: 'XQuery', aliases: 'xpath' },
}

/** Fences of these hold no code, so there is nothing to colour or to name. */
const PLAIN = new Set(['', 'text', 'txt', 'plain', 'plaintext', 'none', 'output', 'log'])
const LONGEST_NAME = 24

const ids = new Map(
  Object.entries(LANGUAGES).flatMap(([id, { aliases }]) =>
    [id, ...aliases.split(' ')].filter((word) => word !== '').map((word) => [word, id] as const),
  ),
)

export interface Language {
  /** highlight.js's name; null: nothing to colour it by. */
  id: string | null
  /** For people; empty for plain text. */
  name: string
}

/** The language that a fence names: "py" is Python, "{.python}" too, and an unknown word is shown as it is. */
export function languageOf(written: string): Language {
  const word = written
    .replace(/^\{?\.?|\}$/g, '')
    .replace(/^language-/, '')
    .replace(/[,:{].*$/, '')
  const lower = word.toLowerCase()
  const id = ids.get(lower)
  if (id !== undefined) return { id, name: nameOf(id, lower) }
  return { id: null, name: PLAIN.has(lower) ? '' : word.slice(0, LONGEST_NAME) }
}

/** One grammar serves several formats that people tell apart. */
function nameOf(id: string, written: string): string {
  const own: Record<string, string> = {
    html: 'HTML',
    svg: 'SVG',
    vue: 'Vue',
    svelte: 'Svelte',
    toml: 'TOML',
    jsx: 'JSX',
    tsx: 'TSX',
  }
  return own[written] ?? LANGUAGES[id]?.name ?? id
}
