import { ApiError, type KeptPlan } from '@vesemir/contract'
import { useEffect, useEffectEvent, useState } from 'react'
import { api } from '../api.ts'
import { DeploymentForm, emptyForm, readForm, type FormFields } from '../components/deployment-form.tsx'
import { Notice } from '../components/notice.tsx'
import { PageTitle } from '../components/page-title.tsx'
import { PlanTable } from '../components/plan-table.tsx'
import { navigate, useAddress } from '../navigation.tsx'
import { useLoaded } from '../use-loaded.ts'

type Request = ReturnType<typeof readForm>

/** A request with its plan, and a key by which the API starts it only once. */
interface Planned {
  request: Request
  preview: KeptPlan
  key: string
}

interface Acceptance {
  /** Whether the person accepts that less than half of a backend stays in service. */
  isAccepted: boolean
}

/** Starts a deployment: the request, its plan, then the confirmation. */
export function NewDeploymentPage() {
  const { query } = useAddress()
  const applications = useLoaded((signal) => api.listApplications({ signal }), { key: '' })
  const [fields, setFields] = useState<FormFields>({
    ...emptyForm,
    application: query.get('application') ?? '',
    environment: query.get('environment') ?? '',
    version: query.get('version') ?? '',
    reason: query.get('reason') ?? '',
    goesBack: query.get('goesBack') === 'yes',
  })
  const { planned, busy, problem, plan, start, forget } = usePlanning()
  const planAsAddressed = useEffectEvent(() => void plan(readForm(fields)))
  const isAddressed = query.get('plan') === 'now'
  useEffect(() => {
    if (isAddressed) planAsAddressed()
  }, [isAddressed])

  return (
    <>
      <PageTitle title="New deployment" />
      {applications.value?.applications.length === 0 && <NoApplications />}
      <DeploymentForm
        fields={fields}
        applications={applications.value?.applications ?? []}
        isBusy={busy !== undefined}
        onSubmit={(event) => {
          event.preventDefault()
          void plan(readForm(fields))
        }}
        onChange={(change) => {
          setFields({ ...fields, ...change })
          // The plan is of other fields.
          forget()
        }}
      />
      {busy === 'planning' && (
        <p className="empty" role="status">
          Planning: reading the inventory and the load balancers…
        </p>
      )}
      {problem && <Notice tone="bad" title={problem.title} error={problem.error} />}
      {planned && <PlannedDeployment key={planned.key} planned={planned} isBusy={busy !== undefined} onStart={start} />}
    </>
  )
}

/** Plans a deployment and starts what was planned, one at a time. */
function usePlanning() {
  const [planned, setPlanned] = useState<Planned>()
  const [busy, setBusy] = useState<'planning' | 'starting'>()
  const [problem, setProblem] = useState<{ title: string; error: ApiError }>()

  const attempt = async (what: 'planning' | 'starting', title: string, act: () => Promise<void>) => {
    setBusy(what)
    setProblem(undefined)
    try {
      await act()
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      setProblem({ title, error })
    } finally {
      setBusy(undefined)
    }
  }
  return {
    planned,
    busy,
    problem,
    forget: () => setPlanned(undefined),
    plan: (request: Request) =>
      attempt('planning', 'Planning failed', async () => {
        setPlanned({ request, preview: await api.createPlan(request), key: randomKey() })
      }),
    start: ({ preview, key }: Planned, { isAccepted }: Acceptance) =>
      attempt('starting', 'Deployment not started', async () => {
        const acceptance = isAccepted ? { acceptLowCapacity: true } : {}
        const { id } = await api.deployPlan(preview.id, acceptance, { idempotencyKey: key })
        navigate(`/deployments/${id}`)
      }),
  }
}

function NoApplications() {
  return (
    <Notice tone="waiting" title="No applications yet">
      <p>
        Describe one in a file and register it: <code>vesemir apps apply -f app.yml</code>
      </p>
    </Notice>
  )
}

interface PlannedDeploymentProps {
  planned: Planned
  isBusy: boolean
  onStart: (planned: Planned, acceptance: Acceptance) => Promise<void>
}

/** A plan, and the button that starts it: once the person has accepted low capacity, where that is needed. */
function PlannedDeployment({ planned, isBusy, onStart }: PlannedDeploymentProps) {
  const { request, preview } = planned
  const [isAccepted, setIsAccepted] = useState(false)
  return (
    <section className="card plan" aria-labelledby="plan-heading">
      <h2 id="plan-heading" tabIndex={-1} ref={focus}>
        Plan
      </h2>
      <PlanTable preview={preview} version={request.version} />
      {preview.needsYes && (
        <label className="choice">
          <input type="checkbox" checked={isAccepted} onChange={({ target }) => setIsAccepted(target.checked)} />
          Accept low capacity: less than half of a backend may stay in service
        </label>
      )}
      <div className="buttons">
        <button
          className="primary"
          disabled={isBusy || (preview.needsYes && !isAccepted)}
          onClick={() => void onStart(planned, { isAccepted })}
        >
          Deploy {request.application} {request.version} to {request.environment}
        </button>
      </div>
    </section>
  )
}

function focus(element: HTMLElement | null): void {
  element?.focus()
}

/** Returns a random key. `crypto.randomUUID` works only over TLS. */
function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
