import type { System } from '../support/start-system.ts'
import type { Findings } from './findings.ts'
import type { Random } from './random.ts'
import type { FleetShot } from './read-fleet.ts'

/** A trial that runs: what it works with, and what it has come to so far. */
export interface Trial {
  system: System
  random: Random
  /** Starts with `1.`, and is no other trial's. */
  version: string
  /** The fleet before anything was done. */
  before: FleetShot
  findings: Findings
  /** The deployments that it has started. */
  deployments: string[]
  /** In milliseconds, one for each deployment and host that a lost worker had in hand. */
  resumes: number[]
  /** How its deployments ended, at each of their ends. */
  ends: string[]
  /** What was to be done and whose moment never came. */
  missed: string[]
}

/** What is done in a trial: data first, so that it can be told before. */
export interface Course {
  /** In words. */
  what: string
  /** Whether a box takes requests with it: then none come in through it. */
  costsRequests: boolean
  /** Of every backend, on every box. */
  minHealthy: number
  /** Whether requests come in for the main application's neighbours too. Default false. */
  involvesNeighbours?: boolean
  run(trial: Trial): Promise<void>
}
