import { expect, test } from 'vitest'
import { runSoak } from '../../infra/soak/run-soak.ts'

// The short form of `npm run soak`: too short to judge memory, which is still warming up.

test(
  'people deploy with every feature under faults: each deployment ends as it should, and no connection is left behind',
  { timeout: 400_000 },
  async () => {
    const { findings, deployments, events, faults, trends } = await runSoak({
      minutes: 0.25,
      seed: 1,
      applications: 4,
      rounds: 3,
    })

    expect(findings).toEqual([])
    expect(deployments).toBeGreaterThan(0)
    expect(events).toBeGreaterThan(0)
    expect(Object.values(faults).reduce((total, count) => total + count, 0)).toBeGreaterThan(0)
    const kept = ['API descriptors', 'worker descriptors', 'Redis connections'] as const
    expect(kept.filter((measure) => !trends[measure].isFlat)).toEqual([])
  },
)
