import { callApi } from './call-api.ts'
import { perPage, type Comments } from './comments.ts'

interface GitlabRequest {
  /** The address of the API, as CI_API_V4_URL has it. */
  api: string
  project: string
  /** The merge request's number in its project. */
  number: string
  token: string
}

interface Note {
  id: number
  body: string
  author: { id: number }
}

/** Opens the notes of a merge request: https://docs.gitlab.com/api/notes. A job's own token may not write any. */
export function createGitlabComments({ api, project, number, token }: GitlabRequest): Comments {
  const call = <Answer>(method: string, path: string, body?: object) =>
    callApi<Answer>(new URL(`${api}${path}`), { method, body, headers: { 'private-token': token } })
  const notes = `/projects/${project}/merge_requests/${number}/notes`
  let user: Promise<{ id: number }> | undefined
  return {
    list: async (page) => {
      user ??= call<{ id: number }>('GET', '/user')
      const { id: ourId } = await user
      const listed = await call<Note[]>('GET', `${notes}?per_page=${perPage}&page=${page}`)
      return listed.map(({ id, body, author }) => ({ id, body, isOurs: author.id === ourId }))
    },
    create: (body) => call('POST', notes, { body }),
    update: (id, body) => call('PUT', `${notes}/${id}`, { body }),
  }
}
