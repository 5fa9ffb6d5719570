import { ApiError, DeploymentRequest, SomeSettings, type ApplicationDefinition } from '@vesemir/contract'
import { describeConcurrency } from '@vesemir/words'
import { readPace } from '../read-pace.ts'
import type { SubmitEvent } from 'react'
import type { z } from 'zod'

/** The fields of the form, as typed. */
export interface FormFields {
  application: string
  environment: string
  version: string
  reason: string
  concurrency: string
  onFailure: '' | 'stop' | 'rollback' | 'ask'
  approval: boolean
  /** Whether, of the tasks, only those of a rollback run. */
  goesBack: boolean
  /** More settings, as JSON. */
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
  goesBack: false,
  settings: '',
}

interface DeploymentFormProps {
  fields: FormFields
  applications: readonly ApplicationDefinition[]
  isBusy: boolean
  onChange: (change: Partial<FormFields>) => void
  onSubmit: (event: SubmitEvent) => void
}

/** The form of a deployment: application, environment, version, and settings of this deployment only. */
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
          Reason (optional)
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
        <summary>Settings of this deployment only</summary>
        <Overrides fields={fields} application={application} onChange={onChange} />
      </details>
      <button className="primary" disabled={isBusy}>
        Show plan
      </button>
      <p className="hint">Nothing changes until you start the plan.</p>
    </form>
  )
}

/** Fills in the environment of an application that has only one. */
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
        Concurrency
        <input
          value={fields.concurrency}
          placeholder={application ? describeConcurrency(application.concurrency) : ''}
          aria-describedby="pace-hint"
          onChange={({ target }) => onChange({ concurrency: target.value })}
        />
        <span id="pace-hint" className="hint">
          hosts at a time, e.g. 2 or 25%; or wave sizes, e.g. 1, 10%, 50%
        </span>
      </label>
      <label>
        When a host fails
        <select
          value={fields.onFailure}
          onChange={({ target }) => onChange({ onFailure: target.value as FormFields['onFailure'] })}
        >
          <option value="">as set by the application</option>
          <option value="stop">stop: start no more hosts</option>
          <option value="ask">ask: wait for a decision</option>
          <option value="rollback">roll back all hosts</option>
        </select>
      </label>
      <label className="choice">
        <input
          type="checkbox"
          checked={fields.approval}
          onChange={({ target }) => onChange({ approval: target.checked })}
        />
        Require approval after the first wave
      </label>
      <label className="choice">
        <input
          type="checkbox"
          checked={fields.goesBack}
          onChange={({ target }) => onChange({ goesBack: target.checked })}
        />
        Go back: of the tasks, run only those of a rollback
      </label>
      <label className="wide-field">
        More settings (JSON)
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
 * Returns the request that the fields make.
 * @throws {ApiError} `REQUEST_INVALID`, as the API would, with the invalid fields
 */
export function readForm(fields: FormFields): z.input<typeof DeploymentRequest> {
  const { application, environment, version, reason, concurrency, onFailure, approval, goesBack } = fields
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
    ...(goesBack ? { goesBack } : {}),
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
    if (error instanceof SyntaxError) throw invalid([{ path: ['settings'], message: `invalid JSON: ${error.message}` }])
    throw invalid((error as z.ZodError).issues)
  }
}

function invalid(issues: readonly { path: PropertyKey[]; message: string }[]): ApiError {
  return new ApiError({
    type: 'about:blank',
    title: 'Bad Request',
    status: 400,
    code: 'REQUEST_INVALID',
    detail: 'Some fields are invalid.',
    errors: issues.map(({ path, message }) => ({ field: path.map(String).join('.'), message })),
  })
}
