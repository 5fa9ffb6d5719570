import type { PlannedRelease } from '@vesemir/contract'
import { aBalancedSpec, aServer } from '@vesemir/contract/testing'
import { describe, expect, it } from 'vitest'
import { planDeployment } from './plan-deployment.ts'

const release: Extract<PlannedRelease, { strategy: 'artifact' }> = {
  strategy: 'artifact',
  id: '1.4.2-9f86d081',
  url: 'https://artifacts.example/payments-1.4.2.tar.gz',
  format: 'tar.gz',
  sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  bytes: 1000,
  unpackedBytes: 4000,
}

const host = { name: 'web-1', address: '10.0.0.1', port: 22, user: 'deploy', hostKeys: [] }
const nothing = {
  hosts: [host],
  boxes: [],
  servers: [[]],
  states: [],
  peers: [],
  figures: [],
  warnings: [],
  seed: 'd-1',
}

function warningsOf({ folder, strip }: { folder?: string; strip: number }): string[] {
  const spec = aBalancedSpec({
    changeset: { strategy: 'artifact', url: release.url, directory: '/srv/payments', strip },
  })
  const pinned = folder === undefined ? release : { ...release, folder }
  const { warnings } = planDeployment(spec, { ...nothing, release: pinned })
  return warnings.filter((warning) => warning.includes('changeset.strip'))
}

it('says when everything in an artifact is in one folder that would stay', () => {
  expect(warningsOf({ folder: 'payments-1.4.2', strip: 0 })).toEqual([
    'all files of the artifact are in its folder payments-1.4.2/ and will be in current/payments-1.4.2/: set changeset.strip to 1 to omit that folder',
  ])
  expect(warningsOf({ folder: 'payments-1.4.2', strip: 1 })).toEqual([])
  expect(warningsOf({ strip: 0 })).toEqual([])
})

it('says which backends have no 5xx and response times to judge by', () => {
  const warningsWith = (maxRegression: object, tcp: boolean) => {
    const counts = { requests: 0, serverErrors: 0, connectionErrors: 0, responseTimeMs: 0 }
    const load = { countedBy: 'first', inService: true, sessions: 0, sessionsPerSecond: 0 }
    const connections = tcp ? { tcp: { brokenOff: 0, connectTimeMs: 0 } } : {}
    const figures = [{ box: 'lb1', backend: 'web', server: 'web-1', ...counts, ...load, ...connections }]
    const spec = aBalancedSpec({ loadBalancer: { maxRegression } })
    return planDeployment(spec, { ...nothing, figures, release }).warnings.filter((text) => text.includes('TCP mode'))
  }

  expect(warningsWith({ serverErrors: '5%' }, true)).toEqual([
    'web is in TCP mode: of loadBalancer.maxRegression, only connectionErrors is judged there',
  ])
  expect(warningsWith({ serverErrors: '5%' }, false)).toEqual([])
  expect(warningsWith({ connectionErrors: '5%' }, true)).toEqual([])
})

describe('a plan says where a probe does not prove hosts', () => {
  const endpoint = { address: '10.0.0.1', port: 80 }
  const warningsWith = (loadBalancer: object, { port = 80, withoutProbes }: Partial<Given> = {}) => {
    const spec = aBalancedSpec({ loadBalancer, healthCheck: { port } })
    const states = [aServer('web-1', { endpoint })]
    const found = { ...nothing, states, release, ...(withoutProbes && { withoutProbes }) }
    return planDeployment(spec, found).warnings.filter((warning) => warning.includes('own check'))
  }
  interface Given {
    port: number
    withoutProbes: string[]
  }

  it('by the health check', () => {
    expect(warningsWith({ proof: 'probe' }, { port: 81 })).toEqual([
      "the load balancer's own check proves hosts, and no probe: the health check is at port 81, and lb1 web/web-1 at 80",
    ])
    expect(warningsWith({ proof: 'check' }, { port: 81 })).toEqual([])
  })

  it('by the box', () => {
    expect(warningsWith({ proof: 'probe' }, { withoutProbes: ['lb1', 'lb2'] })).toEqual([
      expect.stringContaining('lb1, lb2 has nothing to probe servers with'),
    ])
  })

  it('when no time is left to confirm one', () => {
    expect(warningsWith({ proof: 'probe', degradationTime: '0s' })).toEqual([
      expect.stringContaining('only after it has its full weight'),
    ])
    expect(warningsWith({ proof: 'both', degradationTime: '0s' })).toEqual([])
    expect(warningsWith({ proof: 'probe' })).toEqual([])
  })
})
