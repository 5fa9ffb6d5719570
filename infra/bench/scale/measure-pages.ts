import { median } from '../system/statistics.ts'
import type { BenchSystem } from '../system/start-system.ts'

/** How long each page of a deployment takes from the request to the last byte, in milliseconds. */
export interface PageFigures {
  list: number
  snapshot: number
  firstEvents: number
  lastEvents: number
}

const tries = 9

/** Asks the API for pages of a deployment, one request at a time, and gives the median of each. */
export async function measurePages({ url, token }: BenchSystem, id: string): Promise<PageFigures> {
  const headers = { authorization: `Bearer ${token}` }
  const read = async (path: string) => {
    const startedMs = performance.now()
    const answer = await fetch(url + path, { headers })
    const body = await answer.arrayBuffer()
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}`)
    return { tookMs: performance.now() - startedMs, body }
  }
  const time = async (path: string) => {
    const tookMs: number[] = []
    for (let index = 0; index < tries; index += 1) tookMs.push((await read(path)).tookMs)
    return median(tookMs)
  }
  const events = `/v1/deployments/${id}/events`
  const { cursor } = JSON.parse(new TextDecoder().decode((await read(`/v1/deployments/${id}`)).body)) as {
    cursor: number
  }
  return {
    list: await time('/v1/deployments'),
    snapshot: await time(`/v1/deployments/${id}`),
    firstEvents: await time(`${events}?after=0&limit=1000`),
    lastEvents: await time(`${events}?after=${Math.max(0, cursor - 1000)}&limit=1000`),
  }
}
