import { useState, type SubmitEvent } from 'react'
import { api } from '../api.ts'
import { Moment } from '../components/moment.tsx'
import { Notice } from '../components/notice.tsx'
import { PageTitle } from '../components/page-title.tsx'
import { useSession } from '../session.tsx'
import { useChange } from '../use-change.ts'
import { changesRestMs, useLoaded } from '../use-loaded.ts'
import { useNow } from '../use-now.ts'

/** The locks: which application in which environment, who set each and why. */
export function LocksPage() {
  const { mayDeploy } = useSession()
  const nowMs = useNow(true, 30_000)
  const { value, error, reload } = useLoaded((signal, unlike) => api.listLocks({ signal, unlike }), {
    key: '',
    restMs: changesRestMs,
  })
  const { change, problem } = useChange(reload)
  return (
    <>
      <PageTitle title="Locks" />
      <p>A locked application takes no new deployments in that environment. A deployment in progress continues.</p>
      {error && <Notice tone="bad" title="Failed to load the locks" error={error} />}
      {problem && <Notice tone="bad" title="Failed to change the lock" error={problem} />}
      {value?.locks.length === 0 && <p className="empty">No locks.</p>}
      {value && value.locks.length > 0 && (
        <ul className="locks">
          {value.locks.map(({ application, environment, reason, by, at }) => (
            <li key={`${application} ${environment}`} className="card">
              <p>
                <strong>{application}</strong> in <strong>{environment}</strong>: {reason}
                <span className="sub">
                  {by}, <Moment at={at} nowMs={nowMs} />
                </span>
              </p>
              {mayDeploy && (
                <button onClick={() => change(api.deleteLock({ application, environment }))}>
                  Unlock<span className="visually-hidden"> {`${application} in ${environment}`}</span>
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
      {mayDeploy && <LockForm onLock={(where, reason) => change(api.putLock(where, reason))} />}
    </>
  )
}

interface LockFormProps {
  onLock: (where: { application: string; environment: string }, reason: string) => void
}

function LockForm({ onLock }: LockFormProps) {
  const applications = useLoaded((signal) => api.listApplications({ signal }), { key: '' }).value?.applications ?? []
  const [application, setApplication] = useState('')
  const environments = Object.keys(applications.find(({ name }) => name === application)?.environments ?? {})
  const lock = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault()
    const data = new FormData(event.currentTarget)
    onLock({ application, environment: data.get('environment') as string }, data.get('reason') as string)
    event.currentTarget.reset()
    setApplication('')
  }
  return (
    <form className="card form" onSubmit={lock} aria-labelledby="lock-heading">
      <h2 id="lock-heading">Lock an application</h2>
      <div className="fields">
        <label>
          Application
          <input
            list="lock-applications"
            required
            value={application}
            onChange={({ target }) => setApplication(target.value)}
          />
        </label>
        <datalist id="lock-applications">
          {applications.map(({ name }) => (
            <option key={name}>{name}</option>
          ))}
        </datalist>
        <label>
          Environment
          <input name="environment" list="lock-environments" required />
        </label>
        <datalist id="lock-environments">
          {environments.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </datalist>
        <label className="wide-field">
          Reason
          <input name="reason" required maxLength={500} />
        </label>
      </div>
      <button>Lock</button>
    </form>
  )
}
