-- Scripts that Redis runs: Lua 5.1, which it lets use these alone. Whatever else is global, Redis refuses at run time.
std = {
  read_globals = {
    'KEYS', 'redis', 'cjson',
    'ipairs', 'math', 'next', 'pairs', 'pcall', 'select', 'string', 'table', 'tonumber', 'tostring', 'type', 'unpack',
  },
  globals = { 'ARGV' },
}
max_line_length = 130
