import { callApi } from './call-api.ts'
import { perPage, type Comments } from './comments.ts'

interface GithubRequest {
  /** The address of the API, as GITHUB_API_URL has it. */
  api: string
  /** `owner/name`. */
  repository: string
  number: number
  token: string
}

interface Comment {
  id: number
  body?: string
  user: { type?: string } | null
}

/** Opens the comments of a pull request: https://docs.github.com/rest/issues/comments. The token of a job acts for an app, whose comments are a bot's. */
export function createGithubComments({ api, repository, number, token }: GithubRequest): Comments {
  const call = <Answer>(method: string, path: string, body?: object) =>
    callApi<Answer>(new URL(`${api}/repos/${repository}/issues/${path}`), {
      method,
      body,
      headers: {
        authorization: `Bearer ${token}`,
        accept: 'application/vnd.github+json',
        'x-github-api-version': '2022-11-28',
      },
    })
  return {
    list: async (page) => {
      const comments = await call<Comment[]>('GET', `${number}/comments?per_page=${perPage}&page=${page}`)
      return comments.map(({ id, body = '', user }) => ({ id, body, isOurs: user?.type === 'Bot' }))
    },
    create: (body) => call('POST', `${number}/comments`, { body }),
    update: (id, body) => call('PATCH', `comments/${id}`, { body }),
  }
}
