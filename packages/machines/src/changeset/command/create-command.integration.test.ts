import { isVesemirError } from '@vesemir/core'
import type { LogLine } from '@vesemir/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSsh, type SshSession } from '../../remote-shell/index.ts'
import { startSshd, type Sshd } from '../../remote-shell/ssh/testing/start-sshd.ts'
import { ChangesetsOptions, createChangesets } from '../index.ts'
import { aSpec } from '../testing/a-spec.ts'

let sshd: Sshd
let session: SshSession
beforeAll(async () => {
  sshd = await startSshd()
  session = await createSsh(sshd.options, { env: {} }).connect(sshd.target)
})
afterAll(async () => {
  await session[Symbol.asyncDispose]()
  await sshd[Symbol.asyncDispose]()
})

async function introduce(
  commands: string[],
  { timeout = '10s', ...given }: { timeout?: string; environment?: Record<string, string> } = {},
) {
  const lines: LogLine[] = []
  const changeset = { strategy: 'command' as const, commands, timeout, ...given }
  const spec = aSpec({ version: '1.2.3', changeset })
  const strategy = createChangesets(ChangesetsOptions.parse({}), { env: {} })(spec.changeset)
  const release = await strategy.pin(changeset, spec)
  const env = { VESEMIR_VERSION: spec.version }
  const onLine = (line: LogLine) => lines.push(line)
  const outcome = await strategy
    .introduce(release, { changeset, variables: {}, secretNames: [], session, env, onLine, signal: undefined })
    .catch((error: unknown) => error)
  return { release, outcome, lines: lines.map((line) => line.text) }
}

test('commands run one after another, with VESEMIR_* in their environment', async () => {
  const { release, outcome, lines } = await introduce(['echo "installing $VESEMIR_VERSION"', 'echo second'])

  expect(release).toEqual({ strategy: 'command', id: '1.2.3' })
  expect(outcome).toEqual({ note: 'ran 2 commands' })
  expect(lines).toEqual(['installing 1.2.3', 'second'])
})

test('the first command that fails is the last, and is named', async () => {
  const { outcome, lines } = await introduce(['echo one', 'echo broken >&2; exit 4', 'echo three'])

  expect(isVesemirError(outcome, 'COMMAND_FAILED')).toBe(true)
  expect((outcome as Error).message).toBe('Command 2 of 3: The command on web-1 ended with exit status 4: broken')
  expect(lines).toEqual(['one', 'broken'])
})

test('each command has its own time', async () => {
  const { outcome } = await introduce(['sleep 60'], { timeout: '100ms' })

  expect(isVesemirError(outcome, 'COMMAND_TIMED_OUT')).toBe(true)
})

test('commands are taken back by commands of their own, or not at all', async () => {
  const lines: LogLine[] = []
  const revert = (rollback?: string[]) => {
    const changeset = {
      strategy: 'command' as const,
      commands: ['true'],
      timeout: '10m',
      ...(rollback && { rollback }),
    }
    const spec = aSpec({ version: '1.2.3', changeset })
    const onLine = (line: LogLine) => lines.push(line)
    const context = {
      changeset,
      variables: {},
      secretNames: [],
      session,
      env: {},
      onLine,
      signal: undefined,
      previous: '1.2.2',
    }
    return createChangesets(ChangesetsOptions.parse({}), { env: {} })(spec.changeset).revert(
      { strategy: 'command', id: '1.2.3' },
      context,
    )
  }

  const outcome = await revert(['echo "back to $VESEMIR_PREVIOUS"'])
  const without = await revert().catch((error: unknown) => error)

  expect(outcome).toEqual({ note: 'ran 1 command' })
  expect(lines.map((line) => line.text)).toEqual(['back to 1.2.2'])
  expect(isVesemirError(without, 'ROLLBACK_UNAVAILABLE')).toBe(true)
})
