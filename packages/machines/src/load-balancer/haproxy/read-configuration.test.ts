import { expect, test } from 'vitest'
import { forgetsOverReload } from './read-configuration.ts'

test.for([
  ['nothing of it', 'backend app\n  server web-1 10.0.0.1:80 check', true],
  ['a file for all', 'defaults\n  load-server-state-from-file global\n', false],
  ['a file of its own', 'backend app\n\tload-server-state-from-file local', false],
  ['none', 'defaults\n  load-server-state-from-file none', true],
  ['a comment', 'defaults\n  # load-server-state-from-file global', true],
  ['proof first', 'defaults\n  default-server inter 2s init-state fully-down', false],
  ['trust first', 'defaults\n  default-server inter 2s init-state up', true],
] as const)('a configuration that has %s: whether HAProxy forgets', ([, configuration, forgets]) => {
  expect(forgetsOverReload(configuration)).toBe(forgets)
})
