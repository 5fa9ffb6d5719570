import { expect, test } from 'vitest'
import { closedUrl } from '../testing/closed-url.ts'
import { startFakeApi } from '../testing/fake-api.ts'
import { putComment } from './plan-comment.ts'

const gitlab = { GITLAB_CI: 'true', CI_PROJECT_ID: '9', CI_MERGE_REQUEST_IID: '5', GITLAB_TOKEN: 'hush' }
const topic = 'plan payments production'

test.each([
  ['outside of CI', {}, '--comment: run it in a job of GitHub Actions or GitLab CI'],
  ['in a pipeline of a branch', { GITLAB_CI: 'true' }, '--comment: the pipeline is of no merge request'],
  ['in a workflow of a push', { GITHUB_ACTIONS: 'true' }, '--comment: the workflow was not started by a pull request'],
  ['without a token', { ...gitlab, CI_API_V4_URL: 'http://x', GITLAB_TOKEN: '' }, '--comment: set GITLAB_TOKEN to'],
])('%s says what is missing', async (_, env, message) => {
  await expect(putComment('text', { topic, env })).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining(message) as string,
  })
})

test.each([403, 302])('an answer of %s names the request, and not the token', async (status) => {
  await using system = await startFakeApi({ answers: { 'GET /user': [status, {}] } })

  const put = putComment('text', { topic, env: { ...gitlab, CI_API_V4_URL: system.url } })

  await expect(put).rejects.toMatchObject({
    code: 'COMMENT_FAILED',
    message: `HTTP status ${status} for GET ${system.url}/user`,
  })
  expect(system.requests).toHaveLength(1)
})

test('a system that does not answer is named', async () => {
  const url = await closedUrl()

  const put = putComment('text', { topic, env: { ...gitlab, CI_API_V4_URL: url } })

  await expect(put).rejects.toMatchObject({ code: 'COMMENT_FAILED', message: `no answer to GET ${url}/user` })
})
