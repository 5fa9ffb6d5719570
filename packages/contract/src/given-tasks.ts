import type { z } from 'zod'
import type { Complaint } from './complaints.ts'
import { durationMs } from './duration.ts'
import { quoteValue } from './quote-value.ts'
import type { HttpTask, Task } from './task.ts'

interface Tasked {
  tasks?: Task[] | undefined
}

/**
 * Adds to the schema of what people give what is refused of its tasks. What is stored is read without: a version before may have
 * taken it.
 */
export function complainOfTasks(
  { tasks, environments = {} }: Tasked & { environments?: Record<string, Tasked> | undefined },
  context: Pick<z.core.$RefinementCtx, 'addIssue'>,
): void {
  const ofEnvironments = Object.entries(environments).map(
    ([name, settings]) => [['environments', name, 'tasks'], settings.tasks] as const,
  )
  for (const [place, list = []] of [[['tasks'], tasks] as const, ...ofEnvironments])
    for (const { path, message } of [...complaintsOfRequests(list), ...complaintsOfPolls(list)])
      context.addIssue({ code: 'custom', path: [...place, ...path], message })
}

/** Returns why no request can be made of what the tasks say; the path leads to the field in the list. */
export function complaintsOfRequests(tasks: readonly Task[]): Complaint[] {
  return complaintsOfEach(tasks, ({ url, method, body, poll }) => [
    ...complaintsOfUrl(url, ['url']),
    ...(poll?.url === undefined ? [] : complaintsOfUrl(poll.url, ['poll', 'url'])),
    ...(method === 'GET' && body !== undefined
      ? [{ path: ['body'], message: 'cannot be sent with method GET: use POST or PUT' }]
      : []),
  ])
}

function complaintsOfPolls(tasks: readonly Task[]): Complaint[] {
  return complaintsOfEach(tasks, ({ poll }) =>
    poll && durationMs(poll.interval) < 1000 ? [{ path: ['poll', 'interval'], message: 'must be at least 1s' }] : [],
  )
}

function complaintsOfEach(tasks: readonly Task[], complaintsOf: (http: HttpTask) => Complaint[]): Complaint[] {
  return tasks.flatMap(({ http }, index) =>
    (http ? complaintsOf(http) : []).map(({ path, message }) => ({ path: [index, 'http', ...path], message })),
  )
}

function complaintsOfUrl(url: string, path: string[]): Complaint[] {
  if (/^https?:\/\/[^/?#]*\{version\}/.test(url))
    return [{ path, message: 'has {version} in its host: use it in the path or the query' }]
  if (URL.canParse(url.replaceAll('{version}', '1'))) return []
  return [{ path, message: `${quoteValue(url)} is not a valid URL` }]
}
