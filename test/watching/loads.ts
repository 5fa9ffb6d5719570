/** So many lines, for so many viewers. */
export interface Load {
  name: string
  deployments: number
  /** Of each deployment. */
  viewers: number
  /** Of each deployment. */
  linesPerSecond: number
  seconds: number
  /** Viewers of the first deployment that stop reading at once, and go on when all others are done. */
  stuckViewers: number
}

/** The three that Vesemir has to carry on one API process, for as long as one wants. */
export function theLoads(seconds: number): Load[] {
  return [
    { name: '1,000 viewers of one', deployments: 1, viewers: 1000, linesPerSecond: 100, seconds, stuckViewers: 1 },
    { name: '50 viewers of a loud one', deployments: 1, viewers: 50, linesPerSecond: 2000, seconds, stuckViewers: 1 },
    { name: '200 deployments', deployments: 200, viewers: 2, linesPerSecond: 10, seconds, stuckViewers: 0 },
  ]
}
