import { examplePlan, exampleView } from './example-deployment.ts'

/** Examples of what is sent and answered, by the names of their schemas in the OpenAPI document. */
export const examples: Readonly<Record<string, object>> = {
  GivenRequest: {
    application: 'payments',
    environment: 'production',
    version: '1.4.2',
    concurrency: '10%',
    reason: 'fixes rounding',
  },
  PlanDeploymentRequest: { reason: 'fixes rounding' },
  Command: { command: 'retry', hosts: ['web-2'] },
  DeploymentAccepted: {
    id: 'd-42',
    links: { self: '/v1/deployments/d-42', events: '/v1/deployments/d-42/events' },
  },
  CommandAccepted: { id: 'd-42', changed: true },
  KeptPlan: examplePlan,
  DeploymentView: exampleView,
  DeploymentEvent: {
    seq: 17,
    at: '2026-03-01T10:00:07.000Z',
    type: 'log.appended',
    host: 'web-2',
    step: 'deploy',
    lines: [{ stream: 'stdout', text: 'fetching 1.4.2' }],
  },
  EventPage: {
    events: [{ seq: 12, at: '2026-03-01T10:00:05.000Z', type: 'step.started', host: 'web-2', step: 'drain' }],
    next: 12,
    trimmed: [],
    ended: false,
  },
  Problem: {
    type: 'about:blank',
    title: 'Bad Request',
    status: 400,
    detail: 'the body of the request is not valid: concurency: unknown setting; did you mean concurrency?',
    code: 'REQUEST_INVALID',
    hint: 'Fix the named fields and send the request again.',
    errors: [{ field: 'concurency', message: 'unknown setting; did you mean concurrency?' }],
    request: '1c0e4a1b-6a0f-4d0e-9a34-2f6f0c6f7c1d',
  },
}
