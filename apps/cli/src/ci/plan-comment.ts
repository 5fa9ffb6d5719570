import { readFile } from 'node:fs/promises'
import { VesemirError } from '@vesemir/core'
import { perPage, type Comments } from './comments.ts'
import { createGithubComments } from './github-comments.ts'
import { createGitlabComments } from './gitlab-comments.ts'

const mostPages = 30

/**
 * Comments on the pull request or merge request of the CI job, or changes the comment of before: each `topic` has one. A comment that
 * someone else wrote is left alone, whatever it says.
 * @throws {VesemirError} `CONFIG_INVALID` where the job has no request or token; `COMMENT_FAILED`
 */
export async function putComment(
  text: string,
  { topic, env }: { topic: string; env: NodeJS.ProcessEnv },
): Promise<void> {
  const comments = await openComments(env)
  const mark = `<!-- vesemir ${topic} -->`
  const body = `${mark}\n${text}`
  for (let page = 1; page <= mostPages; page += 1) {
    const listed = await comments.list(page)
    const ours = listed.find((comment) => comment.isOurs && comment.body.startsWith(mark))
    if (ours) return comments.update(ours.id, body)
    if (listed.length < perPage) break
  }
  return comments.create(body)
}

async function openComments(env: NodeJS.ProcessEnv): Promise<Comments> {
  const { GITHUB_ACTIONS, GITLAB_CI } = env
  if (GITHUB_ACTIONS === 'true') {
    const { GITHUB_API_URL: api, GITHUB_REPOSITORY: repository, GITHUB_TOKEN: token } = env
    const number = await pullRequestOf(env.GITHUB_EVENT_PATH)
    if (!api || !repository || !token) throw missing('set GITHUB_TOKEN to ${{ github.token }}')
    return createGithubComments({ api, repository, number, token })
  }
  if (GITLAB_CI === 'true') {
    const { CI_API_V4_URL: api, CI_PROJECT_ID: project, CI_MERGE_REQUEST_IID: number, GITLAB_TOKEN: token } = env
    if (!api || !project || !number) throw missing('the pipeline is of no merge request')
    if (!token) throw missing('set GITLAB_TOKEN to a project access token with the scope api')
    return createGitlabComments({ api, project, number, token })
  }
  throw missing('run it in a job of GitHub Actions or GitLab CI')
}

async function pullRequestOf(eventPath: string | undefined): Promise<number> {
  const event = JSON.parse(eventPath ? await readFile(eventPath, 'utf8') : '{}') as {
    pull_request?: { number?: unknown }
  }
  const { number } = event.pull_request ?? {}
  if (typeof number === 'number') return number
  throw missing('the workflow was not started by a pull request')
}

function missing(what: string): VesemirError {
  return new VesemirError('CONFIG_INVALID', `--comment: ${what}`)
}
