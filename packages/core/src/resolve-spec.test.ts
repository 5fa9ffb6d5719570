import { ApplicationDefinition, DeploymentRequest } from '@vesemir/contract'
import { describe, expect, it } from 'vitest'
import { resolveSpec } from './resolve-spec.ts'

const clusters = ['eu', 'us']
const application = ApplicationDefinition.parse({
  name: 'payments',
  team: 'core',
  cluster: 'eu',
  concurrency: 2,
  loadBalancer: { kind: 'none' },
  changeset: { strategy: 'command', commands: ['true'] },
  service: { restart: 'sv restart payments' },
  healthCheck: { kind: 'tcp', port: 8080 },
  environments: { production: { concurrency: '25%', hosts: { tags: ['eu'] } }, staging: {} },
})

function aRequest(changes: object = {}): DeploymentRequest {
  return DeploymentRequest.parse({ application: 'payments', environment: 'production', version: '1.4.2', ...changes })
}

describe('resolving a spec', () => {
  it('takes the application, over it the environment, over that the request', () => {
    const sources = { application, clusters }

    const concurrency = (changes: object) => resolveSpec(aRequest(changes), sources).concurrency

    expect(concurrency({ environment: 'staging' })).toBe(2)
    expect(concurrency({})).toBe('25%')
    expect(concurrency({ concurrency: 7 })).toBe(7)
  })

  it('leaves out the schedule of the environment, which is no setting of a deployment', () => {
    const environments = { production: { converge: { every: '15m' } } }

    expect(resolveSpec(aRequest(), { application: { ...application, environments }, clusters })).not.toHaveProperty(
      'converge',
    )
    expect(
      resolveSpec(aRequest({ concurrency: 2 }), { application: { ...application, environments }, clusters }),
    ).not.toHaveProperty('converge')
  })

  it('takes nothing from an earlier request for the same definition', () => {
    resolveSpec(aRequest({ reason: 'fix', override: true, concurrency: 7 }), { application, clusters })
    resolveSpec(aRequest({ reason: 'fix', override: true }), { application, clusters })

    const spec = resolveSpec(aRequest({ version: '1.4.3' }), { application, clusters })

    expect(spec).toEqual(resolveSpec(aRequest({ version: '1.4.3' }), { application: { ...application }, clusters }))
    expect(spec).toMatchObject({ version: '1.4.3', override: false, concurrency: '25%' })
    expect(spec).not.toHaveProperty('reason')
  })

  it('gives the same where the request names a part as the definition has it', () => {
    const { service } = application

    const spec = resolveSpec(aRequest({ service }), { application, clusters })

    expect(spec).toEqual(resolveSpec(aRequest(), { application, clusters }))
  })

  it('keeps that a deployment goes back where it has tasks, which are chosen by that', () => {
    const tasks = [{ name: 'migrate', when: 'before', command: 'bin/migrate' }]

    const [withTasks, without] = [{ tasks }, {}].map((changes) =>
      resolveSpec(aRequest({ goesBack: true, ...changes }), { application, clusters }),
    )

    expect(withTasks).toMatchObject({ goesBack: true })
    expect(without).not.toHaveProperty('goesBack')
  })

  it('replaces the whole of a part, and mixes none', () => {
    const spec = resolveSpec(aRequest({ hosts: { only: ['web1'] } }), { application, clusters })

    expect(spec.hosts).toEqual({ only: ['web1'] })
  })

  it('adds variables by name: of the application, over it of the environment, over that of the request', () => {
    const variables = { LEVEL: 'info', HOME_PAGE: 'https://shop.example', KEY_FILE: '/etc/key' }
    const withVariables = {
      ...application,
      variables,
      environments: { production: { variables: { LEVEL: 'warn', TOKEN: { secret: 'token' } } }, staging: {} },
    }
    const resolve = (changes: object) =>
      resolveSpec(aRequest(changes), { application: withVariables, clusters }).variables

    expect(resolve({ environment: 'staging' })).toEqual(variables)
    expect(resolve({})).toEqual({ ...variables, LEVEL: 'warn', TOKEN: { secret: 'token' } })
    expect(resolve({ variables: { LEVEL: 'debug' } })).toEqual({
      ...variables,
      LEVEL: 'debug',
      TOKEN: { secret: 'token' },
    })
    expect(resolveSpec(aRequest(), { application, clusters })).not.toHaveProperty('variables')
  })

  it('gives exactly what a deployment keeps: complete, without what belongs to the application alone', () => {
    const spec = resolveSpec(aRequest({ environment: 'staging', reason: 'fix' }), { application, clusters })

    expect(spec).toMatchObject({ environment: 'staging', reason: 'fix', hosts: {}, team: 'core', cluster: 'eu' })
    expect(Object.keys(spec)).not.toContain('environments')
    expect(Object.keys(spec)).not.toContain('name')
  })

  it('takes any environment where the application names none', () => {
    const { environments: _, ...open } = application

    expect(resolveSpec(aRequest({ environment: 'qa' }), { application: open, clusters }).environment).toBe('qa')
  })

  it.each(['qa', 'constructor', '__proto__'])(
    'refuses the environment %j that the application does not name',
    (name) => {
      const resolve = () => resolveSpec(aRequest({ environment: name }), { application, clusters })

      expect(resolve).toThrow(
        expect.objectContaining({
          code: 'ENVIRONMENT_UNKNOWN',
          details: {
            errors: [
              {
                field: 'environment',
                message: `"${name}" is not one of the environments of payments: production, staging`,
              },
            ],
          },
        }),
      )
    },
  )

  it('says that an application is not registered', () => {
    expect(() => resolveSpec(aRequest(), { application: undefined, clusters })).toThrow(
      expect.objectContaining({
        code: 'APPLICATION_UNKNOWN',
        message: 'application payments is not registered',
      }),
    )
  })

  it('names every part that neither the application nor the request has', () => {
    const bare = ApplicationDefinition.parse({ name: 'payments', team: 'core', cluster: 'eu' })

    const resolve = () => resolveSpec(aRequest({ service: { restart: 'true' } }), { application: bare, clusters })

    expect(resolve).toThrow(
      expect.objectContaining({
        code: 'SETTINGS_MISSING',
        details: {
          errors: ['loadBalancer', 'changeset', 'healthCheck'].map((field) => ({ field, message: 'is missing' })),
        },
      }),
    )
  })

  it('refuses a cluster that has no workers', () => {
    expect(() => resolveSpec(aRequest({ cluster: 'mars' }), { application, clusters })).toThrow(
      expect.objectContaining({
        code: 'CLUSTER_UNKNOWN',
        message: 'cluster "mars" is not one of the clusters: eu, us',
      }),
    )
  })
})
