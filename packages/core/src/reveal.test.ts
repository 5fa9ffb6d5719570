import { aSpec } from '@vesemir/contract/testing'
import { expect, test } from 'vitest'
import { isVesemirError, VesemirError } from './errors.ts'
import type { RunOptions } from './ports/remote-shell.ts'
import type { Secrets } from './ports/secrets.ts'
import { reveal } from './reveal.ts'
import { runHook } from './run-hook.ts'
import { makePlan, type PlanningPorts } from './run-rollout.ts'
import { aWalk } from './testing/a-walk.ts'

const signal = new AbortController().signal

function secretsOf(values: Record<string, string>): { secrets: Secrets; asked: unknown[] } {
  const asked: unknown[] = []
  const read: Secrets['read'] = async (names, { application, environment }) => {
    asked.push({ names, application, environment })
    return new Map(Object.entries(values))
  }
  return { secrets: { read }, asked }
}

const spec = aSpec({
  hooks: { afterDrain: ['true'], environment: { TOKEN: { secret: 'deploy' }, LEVEL: 'info' } },
  changeset: { strategy: 'command', commands: ['true'], environment: { TOKEN: { secret: 'deploy' } } },
  healthCheck: { kind: 'http', port: 80, headers: { Cookie: { secret: 'session' }, Host: 'shop.example' } },
})

test('puts each secret in the place of its name, having asked for all of them once', async () => {
  const { secrets, asked } = secretsOf({ deploy: 'of\nlines', session: 'id=1' })

  const revealed = await reveal(spec, { spec, secrets, signal })

  expect(revealed.hooks.environment).toEqual({ TOKEN: 'of\nlines', LEVEL: 'info' })
  expect(revealed.changeset).toMatchObject({ environment: { TOKEN: 'of\nlines' } })
  expect(revealed.healthCheck).toMatchObject({ headers: { Cookie: 'id=1', Host: 'shop.example' } })
  expect(asked).toEqual([{ names: ['deploy', 'session'], application: 'payments', environment: 'production' }])
  expect(spec.hooks.environment).toEqual({ TOKEN: { secret: 'deploy' }, LEVEL: 'info' })
})

test('asks for nothing where nothing is a secret', async () => {
  const { secrets, asked } = secretsOf({})

  expect(await reveal(spec.loadBalancer, { spec, secrets, signal })).toBe(spec.loadBalancer)
  expect(asked).toEqual([])
})

test('refuses a secret that cannot be the header that it is to be, without quoting it', async () => {
  const { secrets } = secretsOf({ deploy: 'hunter2!', session: 'hunter2\nhunter2' })

  const error = await reveal(spec, { spec, secrets, signal }).catch((refused: unknown) => refused as Error)

  expect(isVesemirError(error, 'SECRET_INVALID')).toBe(true)
  expect((error as Error).message).not.toContain('hunter2')
})

test('a plan fails by a secret that cannot be had, before anything is asked', async () => {
  const missing = new VesemirError('SECRET_MISSING', 'the secret deploy is not there')
  const ports = {
    secrets: { read: () => Promise.reject(missing) },
    rules: { protections: [] },
    tasks: { check: () => {} },
  } as unknown as PlanningPorts

  await expect(makePlan({ id: 'd-1', spec }, ports, signal)).rejects.toBe(missing)
})

test('hooks get their variables apart from those of the command line', async () => {
  const runs: unknown[] = []
  const run = async (script: string, { env, secretEnv }: RunOptions) => {
    runs.push({ script, names: Object.keys(env ?? {}), secretEnv })
    return { stdout: '' }
  }
  const { walk } = aWalk({ step: 'drain', spec, remote: { run } })
  walk.ports.secrets = secretsOf({ deploy: 'hunter2!' }).secrets

  await runHook(walk, 'afterDrain')

  expect(runs).toEqual([
    {
      script: 'true',
      names: expect.not.arrayContaining(['TOKEN']) as string[],
      secretEnv: { TOKEN: 'hunter2!', LEVEL: 'info' },
    },
  ])
})
