import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { convertActionTemplate, parseAction, type ActionRunsComposite } from '@actions/workflow-parser/actions/index'
import { NoOperationTraceWriter, parseWorkflow } from '@actions/workflow-parser'
import { startRedis, type RedisServer } from '@vesemir/testing/start-redis'
import { afterAll, beforeAll, beforeEach, afterEach, expect, test } from 'vitest'
import { parse } from 'yaml'
import { startCi, work } from './start-ci.ts'

const execute = promisify(execFile)
const here = import.meta.dirname

let server: RedisServer
let folder: string
let ci: Awaited<ReturnType<typeof startCi>>
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server[Symbol.asyncDispose]())
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vesemir-ci-'))
  ci = await startCi(server, folder)
})
afterEach(async () => {
  await ci[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

test.each(['deploy', 'plan'])('GitHub takes the action %s', async (name) => {
  const path = join(here, 'github', name, 'action.yml')

  const { context, value } = parseAction(
    { name: path, content: await readFile(path, 'utf8') },
    new NoOperationTraceWriter(),
  )
  const { runs } = convertActionTemplate(context, value!)

  expect(context.errors.getErrors()).toEqual([])
  expect((runs as ActionRunsComposite).steps).toHaveLength(2)
})

test('GitHub and GitLab take the examples of the documentation', async () => {
  const samples = [...(await readFile(join(here, '../../docs/ci.md'), 'utf8')).matchAll(/```yml\n(.*?)```/gs)]
  const workflows = samples.filter(([, text = '']) => text.includes('\njobs:'))
  const pipelines = samples.filter(([, text = '']) => text.includes('script:'))

  expect(workflows).toHaveLength(3)
  for (const [, content = ''] of workflows) {
    const { context } = parseWorkflow({ name: 'workflow.yml', content }, new NoOperationTraceWriter())
    expect(context.errors.getErrors()).toEqual([])
  }
  expect(pipelines).toHaveLength(1)
  for (const [, content = ''] of pipelines) await expect(preview(content)).resolves.toContain('id_tokens:')
})

test('a job of GitHub Actions deploys without a stored secret, and leaves no token', async () => {
  const [id, { exit, output }] = await Promise.all([
    work(ci.api, { isGood: true }),
    runAction('deploy', { version: '1.4.2', options: "--reason\n$(touch it) 'now'" }),
  ])

  expect(output).toContain('::group::web-1 succeeded')
  expect(exit).toBe(0)
  expect(await readFile(join(folder, 'vesemir-junit.xml'), 'utf8')).toContain('<testcase name="web-1"')
  expect(await readFile(join(folder, 'step-summary'), 'utf8')).toContain(`/deployments/${id})`)
  expect(await ci.api.records.deployments.read(id)).toMatchObject({
    requestedBy: 'payments',
    spec: { version: '1.4.2', reason: "$(touch it) 'now'" },
  })
  const left = await readdir(join(folder, 'tmp'), { recursive: true })
  expect(left.filter((name) => name.endsWith('config.yml'))).toEqual([])
})

test('a job of GitHub Actions is as red as its deployment', async () => {
  const [, { exit, output }] = await Promise.all([
    work(ci.api, { isGood: false }),
    runAction('deploy', { version: '1.4.2' }),
  ])

  expect(output).toContain('web-1 was not healthy in 60s (HEALTH_CHECK_FAILED)%0Aout of memory')
  expect(exit).toBe(1)
})

test('a pull request has one comment with the plan, whatever others write', async () => {
  await runAction('plan', { version: '1.4.2' })
  const { exit } = await runAction('plan', { version: '1.4.3' })

  expect(exit).toBe(0)
  const comments = '/repos/example/payments/issues'
  const ours = ci.system.requests.filter(({ path }) => path.startsWith(comments))
  expect(ours.map(({ method, path }) => `${method} ${path.slice(comments.length)}`)).toEqual([
    'GET /5/comments?per_page=100&page=1',
    'GET /5/comments?per_page=100&page=2',
    'POST /5/comments',
    'GET /5/comments?per_page=100&page=1',
    'GET /5/comments?per_page=100&page=2',
    'PATCH /comments/1000',
  ])
  expect(new Set(ours.map(({ token }) => token))).toEqual(new Set(['Bearer job-token']))
  expect(ci.system.ours.map(({ body }) => body)).toEqual([
    expect.stringMatching(/^<!-- vesemir plan payments production -->\n## Plan: payments 1\.4\.3 to production\n/),
  ])
})

test('GitLab takes the components, and a job deploys without a stored secret', async () => {
  const [id, { exit, output }] = await Promise.all([
    work(ci.api, { isGood: true }),
    runPipeline('deploy', { options: '--reason\nit is $(time)' }),
  ])

  expect({ exit, output }).toMatchObject({ exit: 0, output: expect.stringContaining('section_start:') as string })
  expect(await ci.api.records.deployments.read(id)).toMatchObject({
    requestedBy: 'payments',
    spec: { version: '1.4.2', reason: 'it is $(time)' },
  })
  expect(await readFile(join(folder, 'project/vesemir-junit.xml'), 'utf8')).toContain('<testcase name="web-1"')
  expect(await readFile(join(folder, 'project/vesemir-summary.md'), 'utf8')).toContain(`/deployments/${id})`)
  expect(await readdir(join(folder, 'project'))).not.toContain('.vesemir')
})

test('a merge request has one note with the plan', async () => {
  await runPipeline('plan', {})
  const { exit, output } = await runPipeline('plan', { version: '1.4.3' })

  expect({ exit, output }).toMatchObject({ exit: 0 })
  const changes = ci.system.requests.filter(({ method }) => method === 'POST' || method === 'PUT')
  expect(changes.map(({ method, path, token }) => `${method} ${path} ${token}`)).toEqual([
    'POST /projects/9/merge_requests/5/notes project-token',
    'PUT /projects/9/merge_requests/5/notes/1000 project-token',
  ])
})

interface Step {
  run: string
  env?: Record<string, string>
}

/** Runs the steps of an action as the runner does: inputs are in variables alone, and the shell is bash with these options. */
async function runAction(name: 'deploy' | 'plan', given: Record<string, string>) {
  const action = parse(await readFile(join(here, 'github', name, 'action.yml'), 'utf8')) as {
    inputs: Record<string, { default?: string }>
    runs: { steps: Step[] }
  }
  const defaults = Object.entries(action.inputs).map(([key, input]) => [key, input.default])
  const inputs: Record<string, string> = {
    ...(Object.fromEntries(defaults) as Record<string, string>),
    url: ci.api.url,
    application: 'payments',
    environment: 'production',
    token: 'job-token',
    ...given,
  }
  await writeFile(join(folder, 'event.json'), JSON.stringify({ pull_request: { number: 5 } }))
  let output = ''
  for (const { run, env = {} } of action.runs.steps) {
    expect(run).not.toContain('${{')
    const values = Object.entries(env).map(([key, value]) => {
      const [, input = ''] = /^\$\{\{ inputs\.(\w+) \}\}$/.exec(value) ?? []
      return [key, inputs[input]]
    })
    const step = await runShell(run, Object.fromEntries(values) as Record<string, string>)
    output += step.output
    if (step.exit !== 0) return { exit: step.exit, output }
  }
  return { exit: 0, output }
}

async function runShell(script: string, env: Record<string, string>) {
  const file = join(folder, 'step.sh')
  await writeFile(file, script)
  await mkdir(join(folder, 'tmp'), { recursive: true })
  return run('bash', ['--noprofile', '--norc', '-eo', 'pipefail', file], {
    cwd: folder,
    env: {
      ...base(),
      TMPDIR: join(folder, 'tmp'),
      GITHUB_ACTIONS: 'true',
      GITHUB_API_URL: ci.system.url,
      GITHUB_REPOSITORY: 'example/payments',
      GITHUB_EVENT_PATH: join(folder, 'event.json'),
      GITHUB_STEP_SUMMARY: join(folder, 'step-summary'),
      ACTIONS_ID_TOKEN_REQUEST_URL: `${ci.system.url}/id-token?v=2`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'request-token',
      ...env,
    },
  })
}

interface Job {
  variables: Record<string, string>
  script: string[]
  after_script: string[]
}

/**
 * Runs the job of a component as a GitLab runner with a shell does. gitlab-ci-local puts the inputs in, and checks the result by GitLab's
 * own schema.
 */
async function runPipeline(name: 'deploy' | 'plan', inputs: Record<string, string>) {
  const { variables, script, after_script: after } = await readJob(name, inputs)
  const project = join(folder, 'project')
  const values = Object.entries(variables).map(([key, value]) => [key, value.replace('$CI_PROJECT_DIR', project)])
  const env = {
    ...base(),
    GITLAB_CI: 'true',
    VESEMIR_ID_TOKEN: await ci.signIdToken(),
    CI_API_V4_URL: ci.system.url,
    CI_PROJECT_ID: '9',
    CI_MERGE_REQUEST_IID: '5',
    GITLAB_TOKEN: 'project-token',
    ...(Object.fromEntries(values) as Record<string, string>),
  }
  const shell = (lines: string[]) => run('bash', ['-eo', 'pipefail', '-c', lines.join('\n')], { cwd: project, env })
  const ended = await shell(script)
  await shell(after)
  return ended
}

async function readJob(name: 'deploy' | 'plan', given: Record<string, string>): Promise<Job> {
  const inputs = { url: ci.api.url, application: 'payments', environment: 'production', version: '1.4.2', ...given }
  const include = [{ local: '/component.yml', inputs }]
  const component = await readFile(join(here, 'gitlab/templates', `${name}.yml`), 'utf8')
  const text = await preview(JSON.stringify({ stages: ['test', 'deploy'], include }), component)
  return (parse(text) as Record<string, Job>)[name]!
}

/** Returns what GitLab makes of a pipeline. */
async function preview(pipeline: string, component = ''): Promise<string> {
  const project = join(folder, 'project')
  await mkdir(project, { recursive: true })
  await writeFile(join(project, 'component.yml'), component)
  await writeFile(join(project, '.gitlab-ci.yml'), pipeline)
  await commitAll(project)
  const local = join(here, '../../node_modules/.bin/gitlab-ci-local')
  const { stdout } = await execute(local, ['--preview', '--home', folder], { cwd: project, env: base() })
  return stdout
}

/** What gitlab-ci-local takes for a project. */
async function commitAll(project: string): Promise<void> {
  const commands = [
    ['init', '--quiet'],
    ['config', 'remote.origin.url', 'git@gitlab.example:example/payments.git'],
    ['add', '.gitlab-ci.yml', 'component.yml'],
    [...author, 'commit', '--quiet', '--allow-empty', '--message', 'Begin'],
  ]
  for (const args of commands) await execute('git', args, { cwd: project })
}

const author = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com']

function base(): Record<string, string> {
  const path = [ci.bin, dirname(process.execPath), process.env.PATH].join(':')
  return { PATH: path, HOME: join(folder, 'home'), TZ: 'UTC' }
}

async function run(command: string, args: string[], options: { cwd: string; env: Record<string, string> }) {
  const child = spawn(command, args, options)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const [exit] = (await once(child, 'close')) as [number | null]
  return { exit, output }
}
