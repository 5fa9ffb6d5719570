import { errorTable } from '@vesemir/core'
import { expect, test } from 'vitest'
import { withoutCommands } from './failure.ts'

test.for([
  ['Show the output of the step: vesemir logs ID --host HOST', 'Show the output of the step.'],
  [
    'Leave the host out: vesemir retry ID --without HOST. If the machine still exists, run chef-client on it, then retry.',
    'Leave the host out. If the machine still exists, run chef-client on it, then retry.',
  ],
  [
    'Continue: vesemir retry ID. Restore the previous release: vesemir rollback ID',
    'Continue. Restore the previous release.',
  ],
  ['Fix the named fields and send the request again.', 'Fix the named fields and send the request again.'],
])('a hint on the page has no commands to type: %s', ([hint, shown]) => {
  expect(withoutCommands(hint!)).toBe(shown)
})

test('no hint of the table has a command left', () => {
  const left = Object.values(errorTable).filter(({ hint }) => /\bvesemir [a-z]/.test(withoutCommands(hint)))

  expect(left).toEqual([])
})
