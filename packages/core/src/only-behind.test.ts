import { aBalancedSpec } from '@vesemir/contract/testing'
import { describe, expect, it } from 'vitest'
import { isIncomplete } from './is-incomplete.ts'
import { possibleCommands } from './offered-commands.ts'
import type { Secrets } from './ports/secrets.ts'
import { FakeClock } from './testing/fake-clock.ts'
import { SimulatedFleet } from './testing/simulated-fleet.ts'
import { SimulatedWorkers } from './testing/simulated-workers.ts'

const spec = aBalancedSpec({ concurrency: 1, acceptLowCapacity: true, loadBalancer: { minHealthy: 3 } })
const converges = { deployment: 'd-1', release: '2.0.0' }

/** A fleet on which version 2.0.0 was deployed to all hosts, as d-1. */
async function aDeployedFleet(changes: Partial<typeof spec> = {}, secrets?: Secrets) {
  const clock = new FakeClock()
  const fleet = new SimulatedFleet(clock, { hosts: 4, ...(changes.loadBalancer?.kind === 'none' ? { boxes: 0 } : {}) })
  fleet.minHealthy = 3
  const base = { ...spec, ...changes }
  const first = new SimulatedWorkers(clock, fleet, base)
  if (secrets) first.shared.secrets = secrets
  await clock.run(first.runToTheEnd())
  const another = (changes: Partial<typeof spec>) =>
    new SimulatedWorkers(clock, fleet, { ...base, ...changes }, first.shared)
  return { clock, fleet, first, another }
}

describe('a deployment to hosts that are behind', () => {
  it('walks those alone, and the guard counts all hosts of the backend', async () => {
    const { clock, fleet, another } = await aDeployedFleet()
    fleet.machines.get('web-2')!.current = '1.9.0'
    fleet.machines.get('web-4')!.current = '1.9.0'
    const workers = another({ only: 'behind', converges, concurrency: 4 })

    await clock.run(workers.runToTheEnd())

    expect(workers.view.deployment.state.status).toBe('succeeded')
    expect(workers.view.hosts.map(({ target }) => target.name)).toEqual(['web-2', 'web-4'])
    expect([...fleet.machines.values()].map(({ running }) => running)).toEqual(Array(4).fill('2.0.0'))
    expect(workers.mostInFlight()).toEqual([2])
    expect(fleet.violations).toEqual([])
  })

  it('succeeds before any host is touched when none is behind, and says so', async () => {
    const { clock, another } = await aDeployedFleet()
    const workers = another({ only: 'behind' })

    await clock.run(workers.runToTheEnd())

    expect(workers.view.deployment).toMatchObject({
      state: { status: 'succeeded', note: 'nothing is behind 2.0.0: 4 hosts run it' },
    })
    expect(workers.view.deployment.plan).toBeUndefined()
  })

  it('finds none behind after a success without a load balancer', async () => {
    const { clock, another } = await aDeployedFleet({ loadBalancer: { kind: 'none' } })
    const workers = another({ only: 'behind', converges })

    await clock.run(workers.runToTheEnd())

    expect(workers.view.deployment.state).toMatchObject({ note: 'nothing is behind 2.0.0: 4 hosts run it' })
  })

  it('names hosts that cannot be asked, and leaves them out', async () => {
    const { clock, fleet, another } = await aDeployedFleet()
    fleet.machines.get('web-1')!.fault = 'unreachable'
    fleet.machines.get('web-2')!.current = '1.9.0'
    const workers = another({ only: 'behind', converges })

    await clock.run(workers.runToTheEnd())

    expect(workers.view.hosts.map(({ target }) => target.name)).toEqual(['web-2'])
    expect(workers.view.deployment.plan!.warnings).toContain('web-1 is left out: web-1 refused the connection')
  })

  it('fails when no host could be asked', async () => {
    const { clock, fleet, another } = await aDeployedFleet()
    for (const machine of fleet.machines.values()) machine.fault = 'unreachable'
    const workers = another({ version: '3.0.0', only: 'behind' })

    await clock.run(workers.runToTheEnd())

    expect(workers.view.deployment.state).toMatchObject({
      status: 'failed',
      failure: {
        code: 'HOSTS_UNASKED',
        message: expect.stringMatching(/^no host is known to run 3\.0\.0; left out: web-1 \(/) as string,
      },
    })
  })

  it('leaves out a host that failed when it was brought up last', async () => {
    const { clock, fleet, another } = await aDeployedFleet()
    const broken = fleet.machines.get('web-2')!
    broken.current = '1.9.0'
    broken.fault = 'cannot-introduce'
    await clock.run(another({ only: 'behind', converges }).runToTheEnd())
    const workers = another({ only: 'behind', converges })

    await clock.run(workers.runToTheEnd())

    expect(workers.view.deployment.state).toMatchObject({
      status: 'succeeded',
      note: 'not all hosts are known to run 2.0.0: 3 hosts run it; left out: web-2 (failed in d-2: vesemir retry d-2)',
    })
  })

  it('leaves it out after a success that tolerated its failure, and in every later one', async () => {
    const { clock, fleet, another } = await aDeployedFleet({ rollout: { ...spec.rollout, maxFailures: 1 } })
    const broken = fleet.machines.get('web-2')!
    broken.current = '1.9.0'
    broken.fault = 'cannot-introduce'
    const tolerant = another({ only: 'behind', converges })
    await clock.run(tolerant.runToTheEnd())
    fleet.machines.get('web-3')!.current = '1.9.0'
    const later = another({ only: 'behind', converges: { ...converges, deployment: 'd-2' } })
    await clock.run(later.runToTheEnd())
    const last = another({ only: 'behind', converges: { ...converges, deployment: 'd-3' } })

    await clock.run(last.runToTheEnd())

    expect(tolerant.view.deployment.state.status).toBe('succeeded')
    expect(later.view.hosts.map(({ target }) => target.name)).toEqual(['web-3'])
    expect(later.view.deployment.plan!.warnings).toContain('web-2 is left out: failed in d-2: vesemir retry d-2')
    expect(last.view.deployment.state).toMatchObject({
      note: 'not all hosts are known to run 2.0.0: 3 hosts run it; left out: web-2 (failed in d-2: vesemir deploy payments -e production --version 2.0.0 --hosts web-2)',
    })
  })

  it('leaves it out after it was rolled back, and not those that went back with it', async () => {
    const rollout = { ...spec.rollout, onFailure: 'rollback' as const }
    const { clock, fleet, another } = await aDeployedFleet({ rollout })
    const broken = fleet.machines.get('web-3')!
    for (const name of ['web-2', 'web-3']) fleet.machines.get(name)!.current = '1.9.0'
    broken.fault = 'never-healthy'
    const undone = another({ only: 'behind', converges })
    undone.onFirst('hosts.requeued', () => delete broken.fault)
    await clock.run(undone.runToTheEnd())
    const workers = another({ only: 'behind', converges })

    await clock.run(workers.runToTheEnd())

    expect(undone.view.deployment.state.status).toBe('rolled-back')
    expect(workers.view.hosts.map(({ target }) => target.name)).toEqual(['web-2'])
    expect(workers.view.deployment.leftOut).toMatchObject([{ host: 'web-3', failedIn: 'd-2' }])
  })

  it('fails where the only host that it is for failed before', async () => {
    const { clock, fleet, another } = await aDeployedFleet()
    const broken = fleet.machines.get('web-2')!
    broken.current = '1.9.0'
    broken.fault = 'cannot-introduce'
    const hosts = { ...spec.hosts, only: ['web-2'] }
    const toOne = { only: 'behind' as const, converges, hosts, partial: true as const }
    await clock.run(another(toOne).runToTheEnd())
    const again = another(toOne)

    await clock.run(again.runToTheEnd())

    expect(again.view.deployment.state).toMatchObject({
      status: 'failed',
      failure: { code: 'HOSTS_LEFT_OUT', message: 'web-2 is left out: failed in d-2: vesemir retry d-2' },
    })
    expect(again.view.deployment.leftOut).toMatchObject([{ host: 'web-2', failedIn: 'd-2' }])
    expect(possibleCommands(again.view)).not.toContain('retry')
  })

  it('leaves out a host that failed before a person deployed to others, until they bring it up', async () => {
    const { clock, fleet, another } = await aDeployedFleet()
    const byHand = async (name: string) => {
      await clock.run(another({ hosts: { ...spec.hosts, only: [name] }, partial: true }).runToTheEnd())
    }
    const converge = async () => {
      const workers = another({ only: 'behind', converges })
      await clock.run(workers.runToTheEnd())
      return workers.view
    }
    const broken = fleet.machines.get('web-2')!
    broken.current = '1.9.0'
    broken.fault = 'cannot-introduce'
    await converge()

    await byHand('web-3')
    await byHand('web-4')
    const afterOthers = await converge()
    await byHand('web-2')
    const afterFailure = await converge()
    delete broken.fault
    await byHand('web-2')
    broken.current = '1.9.0'
    const afterRepair = await converge()

    const failed = { host: 'web-2', failedIn: 'd-2' }
    expect([afterOthers, afterFailure].map(({ deployment }) => deployment.leftOut)).toMatchObject([[failed], [failed]])
    expect(afterRepair.hosts.map(({ target, state }) => [target.name, state.status])).toEqual([['web-2', 'succeeded']])
  })

  it('leaves out a host that failed before others were brought up by themselves, until all are asked', async () => {
    const { clock, fleet, another } = await aDeployedFleet()
    const to = async (...only: string[]) => {
      const scope = only.length === 0 ? {} : { hosts: { ...spec.hosts, only }, partial: true as const }
      const workers = another({ only: 'behind', converges, ...scope })
      await clock.run(workers.runToTheEnd())
      return workers.view.deployment
    }
    for (const name of ['web-2', 'web-3', 'web-4']) fleet.machines.get(name)!.current = '1.9.0'
    fleet.machines.get('web-2')!.fault = 'cannot-introduce'
    await to('web-2')

    const [third, fourth] = [await to('web-3'), await to('web-4')]
    const again = await to('web-2')
    const all = await to()

    expect([third, fourth].map((deployment) => isIncomplete(deployment))).toEqual([false, false])
    expect(again.state).toMatchObject({ failure: { code: 'HOSTS_LEFT_OUT' } })
    expect(all).toMatchObject({ state: { status: 'succeeded' }, leftOut: [{ host: 'web-2', failedIn: 'd-2' }] })
  })

  it('is incomplete where a host could not be asked, with hosts behind and without', async () => {
    const { clock, fleet, another } = await aDeployedFleet()
    fleet.machines.get('web-1')!.fault = 'unreachable'
    const nothing = another({ only: 'behind' })
    await clock.run(nothing.runToTheEnd())
    fleet.machines.get('web-2')!.current = '1.9.0'
    const some = another({ only: 'behind' })

    await clock.run(some.runToTheEnd())

    for (const { view } of [nothing, some]) {
      expect(view.deployment.leftOut).toMatchObject([{ host: 'web-1', isUnasked: true }])
      expect([view.deployment.state.status, isIncomplete(view.deployment)]).toEqual(['succeeded', true])
    }
  })

  it('forgets which hosts it left out when it is planned again, with hosts behind and without', async () => {
    const { clock, fleet, another } = await aDeployedFleet()
    const first = fleet.machines.get('web-1')!
    const workers = another({ only: 'behind' })
    const again = async () => {
      workers.command({ command: 'retry' })
      await clock.run(workers.runToTheEnd())
      return workers.view.deployment.leftOut?.map(({ host }) => host)
    }
    first.fault = 'unreachable'
    await clock.run(workers.runToTheEnd())
    delete first.fault

    const nothing = await again()
    first.fault = 'unreachable'
    const unreachable = await again()
    delete first.fault
    first.current = '1.9.0'
    const behind = await again()

    expect([nothing, unreachable, behind]).toEqual([undefined, ['web-1'], undefined])
    expect(workers.view.hosts.map(({ target }) => target.name)).toEqual(['web-1'])
  })

  it('does nothing once another version should run', async () => {
    const { clock, fleet, another } = await aDeployedFleet()
    await clock.run(another({ version: '3.0.0' }).runToTheEnd())
    const workers = another({ only: 'behind', converges })

    await clock.run(workers.runToTheEnd())

    expect(workers.view.deployment.state).toMatchObject({ status: 'failed', failure: { code: 'CONVERGE_OUTDATED' } })
    expect([...fleet.machines.values()].map(({ running }) => running)).toEqual(Array(4).fill('3.0.0'))
  })

  it('brings nothing back while a deployment of another version has failed', async () => {
    const { clock, fleet, another } = await aDeployedFleet()
    fleet.machines.get('web-3')!.fault = 'never-healthy'
    await clock.run(another({ version: '3.0.0' }).runToTheEnd())
    const workers = another({ only: 'behind', converges })

    await clock.run(workers.runToTheEnd())

    expect(workers.view.deployment.state).toMatchObject({ status: 'failed', failure: { code: 'CONVERGE_UNSETTLED' } })
    expect(fleet.machines.get('web-1')!.running).toBe('3.0.0')
  })
})

describe('variables that are part of a release', () => {
  const withFile = aBalancedSpec({
    changeset: {
      strategy: 'artifact',
      url: 'https://artifacts.example/{version}.tar.gz',
      directory: '/srv/payments',
      environmentFile: 'payments.env',
    },
    variables: { LEVEL: 'info', TOKEN: { secret: 'token' } },
  })
  const ofRelease = { changeset: withFile.changeset, variables: withFile.variables }

  /** A secret that can be changed, and a key by which that is noticed, or none. */
  function aSecret({ hasKey }: { hasKey: boolean }) {
    const secret = { value: 'first' }
    const secrets: Secrets = {
      read: async () => new Map([['token', secret.value]]),
      ...(hasKey ? { digest: (value) => `digest of ${value}` } : {}),
    }
    return { secret, secrets }
  }

  async function aFleetWithVariables(hasKey = true) {
    const { secret, secrets } = aSecret({ hasKey })
    const deployed = await aDeployedFleet(ofRelease, secrets)
    const release = deployed.first.view.deployment.plan!.release.id
    return { ...deployed, secret, release, converges: { deployment: 'd-1', release } }
  }

  it('make a host behind that has the same version with others', async () => {
    const { clock, fleet, another, release } = await aFleetWithVariables()
    fleet.machines.get('web-2')!.current = '2.0.0-77aa77aa'
    const workers = another({ only: 'behind' })

    await clock.run(workers.runToTheEnd())

    expect(workers.view.hosts.map(({ target }) => target.name)).toEqual(['web-2'])
    expect(fleet.machines.get('web-2')!.current).toBe(release)
  })

  it.each([true, false])('let converging make the same release, more than once; with a key: %s', async (hasKey) => {
    const { clock, fleet, another, release, converges } = await aFleetWithVariables(hasKey)
    fleet.machines.get('web-2')!.current = '1.9.0'
    const once = another({ only: 'behind', converges })
    await clock.run(once.runToTheEnd())
    fleet.machines.get('web-3')!.current = '1.9.0'
    const again = another({ only: 'behind', converges: { deployment: 'd-2', release } })

    await clock.run(again.runToTheEnd())

    expect([once, again].map(({ view }) => view.hosts.map(({ target }) => target.name))).toEqual([['web-2'], ['web-3']])
    expect([...fleet.machines.values()].map(({ current }) => current)).toEqual(Array(4).fill(release))
  })

  it('refuse to converge once a secret has another value, and name it', async () => {
    const { clock, fleet, another, secret, converges } = await aFleetWithVariables()
    secret.value = 'second'
    fleet.machines.get('web-2')!.current = '1.9.0'
    const workers = another({ only: 'behind', converges })

    await clock.run(workers.runToTheEnd())

    expect(workers.view.deployment.state).toMatchObject({
      failure: {
        code: 'CONVERGE_RELEASE_CHANGED',
        message: expect.stringMatching(/ since d-1: the variable TOKEN changed$/) as string,
      },
    })
    expect(fleet.machines.get('web-2')!.current).toBe('1.9.0')
  })
})
