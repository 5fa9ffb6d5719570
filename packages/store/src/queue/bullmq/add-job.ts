import type { Queue } from 'bullmq'

/** Adds a job, or finds the one with this id; one that has ended runs again, with the log that it has. */
export async function addJob(
  queue: Queue,
  { id, name, data }: { id: string; name: string; data: object },
): Promise<void> {
  const job = await queue.add(name, data, { jobId: id })
  const state = await job.getState()
  if (state !== 'completed' && state !== 'failed') return
  try {
    await job.updateData(data)
    await job.retry(state)
  } catch (error) {
    // Another may have done the same just now.
    if (!(await isAlive(queue, id))) throw error
  }
}

/** Tells whether a job waits or runs. One whose worker died does too: it goes on elsewhere. */
export async function isAlive(queue: Queue, id: string): Promise<boolean> {
  const state = await queue.getJobState(id)
  return state !== 'completed' && state !== 'failed' && state !== 'unknown'
}
