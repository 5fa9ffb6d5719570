import { ApiError, DeploymentRequest, SomeSettings, type ApplicationDefinition } from '@vesemir/contract'
import { describeConcurrency } from '@vesemir/words'
import { readPace } from '../read-pace.ts'
import type { SubmitEvent } from 'react'
import type { z } from 'zod'

/** What the form holds, as it was typed. */
export interface FormFields {
  application: string
  environment: string
  version: string
  reason: string
  concurrency: string
  onFailure: '' | 'stop' | 'rollback' | 'ask'
  approval: boolean
  /** Further settings, as JSON. */
  settings: string
}

export const emptyForm: FormFields = {
  application: '',
  environment: '',
  version: '',
  reason: '',
  concurrency: '',
  onFailure: '',
  approval: false,
  settings: '',
}

interface DeploymentFormProps {
  fields: FormFields
  applications: readonly ApplicationDefinition[]
  isBusy: boolean
  onChange: (change: Partial<FormFields>) => void
  onSubmit: (event: SubmitEvent) => void
}

/** Asks what is to be deployed where, and what differs this once. */
export function DeploymentForm({ fields, applications, isBusy, onChange, onSubmit }: DeploymentFormProps) {
  const application = applications.find(({ name }) => name === fields.application)
  const environments = Object.keys(application?.environments ?? {})
  return (
    <form className="card form" onSubmit={onSubmit}>
      <div className="fields">
        <label>
          Application
          <input
            required
            list="applications"
            value={fields.application}
            onChange={({ target }) => onChange(chooseApplication(target.value, { fields, applications }))}
          />
        </label>
        <label>
          Environment
          <input
            required
            list="environments"
            value={fields.environment}
            onChange={({ target }) => onChange({ environment: target.value })}
          />
        </label>
        <label>
          Version
          <input required value={fields.version} onChange={({ target }) => onChange({ version: target.value })} />
        </label>
        <label className="wide-field">
          Why (optional)
          <input value={fields.reason} maxLength={500} onChange={({ target }) => onChange({ reason: target.value })} />
        </label>
      </div>
      <datalist id="applications">
        {applications.map(({ name }) => (
          <option key={name}>{name}</option>
        ))}
      </datalist>
      <datalist id="environments">
        {environments.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </datalist>
      <details>
        <summary>What differs this once</summary>
        <Overrides fields={fields} application={application} onChange={onChange} />
      </details>
      <button className="primary" disabled={isBusy}>
        Show the plan
      </button>
      <p className="hint">Nothing is changed yet: the plan is shown first.</p>
    </form>
  )
}

/** Where an application has one environment, that is the one that is meant. */
function chooseApplication(
  application: string,
  { fields, applications }: Pick<DeploymentFormProps, 'fields' | 'applications'>,
): Partial<FormFields> {
  const [environment, ...others] = Object.keys(
    applications.find(({ name }) => name === application)?.environments ?? {},
  )
  const isClear = environment !== undefined && others.length === 0 && fields.environment === ''
  return { application, ...(isClear ? { environment } : {}) }
}

function Overrides({
  fields,
  application,
  onChange,
}: Pick<DeploymentFormProps, 'fields' | 'onChange'> & { application: ApplicationDefinition | undefined }) {
  return (
    <div className="fields">
      <label>
        Hosts at once
        <input
          value={fields.concurrency}
          placeholder={application ? describeConcurrency(application.concurrency) : ''}
          aria-describedby="pace-hint"
          onChange={({ target }) => onChange({ concurrency: target.value })}
        />
        <span id="pace-hint" className="hint">
          2, 25%, or waves: 1, 10%, 50%
        </span>
      </label>
      <label>
        When a host fails
        <select
          value={fields.onFailure}
          onChange={({ target }) => onChange({ onFailure: target.value as FormFields['onFailure'] })}
        >
          <option value="">as the application says</option>
          <option value="stop">start no more hosts</option>
          <option value="ask">ask me</option>
          <option value="rollback">roll all of them back</option>
        </select>
      </label>
      <label className="choice">
        <input
          type="checkbox"
          checked={fields.approval}
          onChange={({ target }) => onChange({ approval: target.checked })}
        />
        Stop after the first wave until someone approves
      </label>
      <label className="wide-field">
        Further settings, as JSON
        <textarea
          rows={4}
          spellCheck={false}
          value={fields.settings}
          placeholder={'{ "hosts": { "only": ["web-1"] } }'}
          onChange={({ target }) => onChange({ settings: target.value })}
        />
      </label>
    </div>
  )
}

/**
 * Makes a request of what was typed.
 * @throws {ApiError} `REQUEST_INVALID`, as the API would, with the fields that are wrong
 */
export function readForm(fields: FormFields): z.input<typeof DeploymentRequest> {
  const { application, environment, version, reason, concurrency, onFailure, approval } = fields
  const pace = readPace(concurrency)
  const settings = readSettings(fields.settings)
  const rollout = {
    ...settings.rollout,
    ...(onFailure === '' ? {} : { onFailure }),
    ...(approval ? { gates: [{ afterWave: 1, wait: 'approval' as const }] } : {}),
  }
  const request = {
    application,
    environment,
    version,
    ...(reason === '' ? {} : { reason }),
    ...settings,
    ...(pace === undefined ? {} : { concurrency: pace }),
    ...(Object.keys(rollout).length === 0 ? {} : { rollout }),
  }
  const checked = DeploymentRequest.safeParse(request)
  if (checked.success) return request
  throw invalid(checked.error.issues)
}

function readSettings(text: string): z.input<typeof SomeSettings> {
  if (text.trim() === '') return {}
  try {
    return SomeSettings.parse(JSON.parse(text))
  } catch (error) {
    if (error instanceof SyntaxError) throw invalid([{ path: ['settings'], message: `is not JSON: ${error.message}` }])
    throw invalid((error as z.ZodError).issues)
  }
}

function invalid(issues: readonly { path: PropertyKey[]; message: string }[]): ApiError {
  return new ApiError({
    type: 'about:blank',
    title: 'Bad Request',
    status: 400,
    code: 'REQUEST_INVALID',
    detail: 'Some of what was typed cannot be meant.',
    errors: issues.map(({ path, message }) => ({ field: path.map(String).join('.'), message })),
  })
}
