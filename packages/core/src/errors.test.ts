import { join } from 'node:path'
import { expect, test } from 'vitest'
import { errorTable } from './errors.ts'

const file = join(import.meta.dirname, '../../../docs/errors.md')

// `vitest run --project unit packages/core/src/errors.test.ts -u` writes it again.
test('the page of errors says what the codes are', async () => {
  const rows = Object.entries(errorTable).map(
    ([code, { status, exit, hint }]) =>
      `| [\`${code}\`](troubleshooting.md#${code.toLowerCase()}) | ${status} | ${exit} | ${hint.replaceAll('|', '\\|')} |`,
  )
  const text = [
    '# Errors',
    'Every failure that a user can meet, with the HTTP status of an answer that is it, the exit code of a command that ends with it, and what to do next. Codes are never renamed.',
    ['| code | status | exit | what to do |', '| --- | --: | --: | --- |', ...rows].join('\n'),
  ].join('\n\n')

  await expect(`${text}\n`).toMatchFileSnapshot(file)
})
