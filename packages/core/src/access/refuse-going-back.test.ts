import { Protection, type Deployment, type DeploymentFilter } from '@vesemir/contract'
import { aSpec } from '@vesemir/contract/testing'
import { expect, test } from 'vitest'
import { refuseGoingBack } from './refuse-going-back.ts'

const rule = (changes: object = {}) => Protection.parse({ environments: ['prod*'], ...changes })
const done = (hosts: number) => ({ state: { status: 'succeeded' }, plan: { hosts } }) as unknown as Deployment
const back = aSpec({ environment: 'production', goesBack: true })

/** The field that is refused where these deployments of the version have succeeded; nothing when none is. */
async function refused(spec: typeof back, protections: Protection[], succeeded: Deployment[] = []) {
  const asked: DeploymentFilter[] = []
  const list = async (filter: DeploymentFilter) => {
    asked.push(filter)
    return { deployments: succeeded }
  }
  const refusal = await refuseGoingBack(spec, { protections, deploymentIndex: { list } }).catch(
    (error: unknown) => error,
  )
  return {
    field: (refusal as { details?: { errors: { field: string }[] } } | undefined)?.details?.errors[0]?.field,
    asked,
  }
}

test.each([
  ['a version that has succeeded there', back, [rule()], [done(2)], undefined],
  ['one that has not', back, [rule()], [], 'goesBack'],
  ['one whose deployments found no host to deploy to', back, [rule()], [done(0)], 'goesBack'],
  [
    'one that has not, where one of two rules protects tasks',
    back,
    [rule({ mayChange: ['tasks'] }), rule()],
    [],
    'goesBack',
  ],
  ['any, where requests may change tasks', back, [rule({ mayChange: ['tasks'] })], [], undefined],
  ['any, where nothing is protected', back, [rule({ environments: ['test'] })], [], undefined],
  ['any by a deployment that does not go back', aSpec({ environment: 'production' }), [rule()], [], undefined],
] as const)('a deployment of %s', async (_, spec, protections, succeeded, field) => {
  expect((await refused(spec, [...protections], [...succeeded])).field).toBe(field)
})

test('a refusal says what the records do not show, and the ways out', async () => {
  const deploying = refuseGoingBack(back, {
    protections: [rule()],
    deploymentIndex: { list: async () => ({ deployments: [] }) },
  })

  await expect(deploying).rejects.toThrow(
    `no record shows that ${back.version} succeeded in production, and only its tasks of a rollback would run: deploy it without goesBack, or have an admin allow mayChange: [tasks]`,
  )
})

test('only what succeeded in the same place counts', async () => {
  const { asked } = await refused(back, [rule()])

  const { application, environment, version } = back
  expect(asked).toEqual([{ application, environment, version, status: 'succeeded', limit: 200 }])
})
