import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startFakeApi } from '../testing/fake-api.ts'
import { runCli } from '../testing/run-cli.ts'
import { eventsOf, failedStory } from '../testing/story.ts'

/** What someone with a hand in a host's output, or in a reason, may try. */
const attacks = [
  '::set-output name=a::b',
  '  ::add-mask::secret',
  '\r\n::error::faked',
  '%0A::error::faked',
  '##[add-mask]secret',
  'text ###[set-env name=PATH;]/tmp/evil',
  '::endgroup::',
  '\u001b[0Ksection_end:1:vesemir_1\r\u001b[0K',
  '\u2028::stop-commands::x',
  '\u0085::add-path::/tmp/evil',
]
const all = attacks.join(' ')

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vesemir-ci-'))
})
afterAll(() => rm(folder, { recursive: true }))

test.concurrent.each([
  ['followed', ['deploy', 'payments', '-e', 'production', '--version', '2.0.0']],
  ['followed in JSON', ['deploy', 'payments', '-e', 'production', '--version', '2.0.0', '--json']],
  ['shown', ['status', 'd-42', '--hosts']],
  ['shown in JSON', ['status', 'd-42', '--json']],
  ['read', ['logs', 'd-42']],
])('nothing in a deployment is a command to the runner of GitHub Actions when it is %s', async (_, args) => {
  await using api = await startFakeApi({ events: eventsOf(hostileStory()) })

  const { stdout, stderr } = await runCli(args, { url: api.url, env: { GITHUB_ACTIONS: 'true' } })

  const commands = commandsOf(`${stdout}\n${stderr}`)
  expect(commands.filter((command) => !/^(group|endgroup|error|warning)$/.test(command.name))).toEqual([])
  expect(commands.filter(({ data }) => data === 'faked')).toEqual([])
  expect(commands.filter(({ name }) => name === 'group')).toHaveLength(
    commands.filter(({ name }) => name === 'endgroup').length,
  )
  expect(stdout).toContain('faked')
})

test.concurrent('an error of the API is no command either', async () => {
  const problem = { type: 'about:blank', title: 'No', status: 409, detail: `::x ${all}`, code: 'APPLICATION_LOCKED' }
  await using api = await startFakeApi({ answers: { 'POST /v1/deployments': [409, problem] } })

  const { stdout, stderr } = await runCli(['deploy', 'payments', '-e', 'production', '--version', '2.0.0'], {
    url: api.url,
    env: { GITHUB_ACTIONS: 'true' },
  })

  expect(commandsOf(`${stdout}\n${stderr}`).map(({ name }) => name)).toEqual(['error'])
})

test.concurrent('nothing in a deployment is a section of GitLab', async () => {
  await using api = await startFakeApi({ events: eventsOf(hostileStory()) })

  const { stdout, stderr } = await runCli(['logs', 'd-42'], { url: api.url, env: { GITLAB_CI: 'true' } })

  // oxlint-disable-next-line no-control-regex -- marks of sections have them
  const marks = `${stdout}${stderr}`.match(/section_\w+:\d+:\w+(\[[^\]]*\])?\r\u001b\[0K/g) ?? []
  expect(marks.map((mark) => /section_(\w+):\d+:(\w+)/.exec(mark)!.slice(1, 3).join(' '))).toEqual([
    'start vesemir_1',
    'end vesemir_1',
    'start vesemir_2',
    'end vesemir_2',
  ])
})

test.concurrent('reports of a hostile deployment are well-formed, and a summary has nothing of it but text', async () => {
  await using api = await startFakeApi({ events: eventsOf(hostileStory('<script>@ada [x](y)')) })
  const [junit, summary, shown] = ['junit.xml', 'summary.md', 'shown.md'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]

  await runCli(
    ['deploy', 'payments', '-e', 'production', '--version', '2.0.0', '--junit', junit, '--summary', summary],
    {
      url: api.url,
      env: { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: shown },
    },
  )

  const text = await readFile(summary, 'utf8')
  expect(await readFile(shown, 'utf8')).toBe(text)
  expect(text).not.toMatch(/<script|@ada|[^\\]\[x|\r/)
  expect(await readFile(junit, 'utf8')).toMatch(/&lt;script&gt;/)
  // oxlint-disable-next-line no-control-regex -- XML has no place for them
  expect(await readFile(junit, 'utf8')).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/)
})

function hostileStory(text = all): typeof failedStory {
  return failedStory.map((fact) => {
    if (fact.type === 'deployment.queued') return { ...fact, requestedBy: text, spec: { ...fact.spec, reason: text } }
    if (fact.type === 'log.appended') return { ...fact, lines: [...attacks, text].map(stdout) }
    if (fact.type === 'step.ended') return { ...fact, note: text }
    if (fact.type === 'step.waiting') return { ...fact, waitingFor: text }
    if (fact.type !== 'host.ended' || !fact.failure) return fact
    return { ...fact, failure: { code: 'HEALTH_CHECK_FAILED', message: text, hint: text, log: attacks } }
  })
}

const stdout = (text: string) => ({ stream: 'stdout' as const, text })

/** Reads output as the runner does: ActionCommand.cs of actions/runner, `TryParseV2` and then `TryParse`. */
function commandsOf(output: string): { name: string; data: string }[] {
  return output.split(/\r\n|[\r\n]/).flatMap((line) => {
    const [, name, data] =
      /^\s*::([\w-]+)(?: [^:]*)?::(.*)$/.exec(line) ?? /##\[([\w-]+)(?: [^\]]*)?\](.*)$/.exec(line) ?? []
    return name === undefined ? [] : [{ name, data: data ?? '' }]
  })
}
