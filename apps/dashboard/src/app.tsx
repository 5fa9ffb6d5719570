import { useEffect, useState, type ReactElement } from 'react'
import { ApiError, type Session } from '@vesemir/contract'
import { api, whenSignedOut } from './api.ts'
import { Announcer } from './components/announcer.tsx'
import { Notice } from './components/notice.tsx'
import { Shell } from './components/shell.tsx'
import { escapeDirectionMarks } from './escape-direction-marks.ts'
import { useAddress } from './navigation.tsx'
import { ApplicationPage } from './pages/application-page.tsx'
import { ApplicationsPage } from './pages/applications-page.tsx'
import { AuditPage } from './pages/audit-page.tsx'
import { DeploymentPage } from './pages/deployment-page.tsx'
import { DeploymentsPage } from './pages/deployments-page.tsx'
import { LocksPage } from './pages/locks-page.tsx'
import { MissingPage } from './pages/missing-page.tsx'
import { NewDeploymentPage } from './pages/new-deployment-page.tsx'
import { StatisticsPage } from './pages/statistics-page.tsx'
import { WorkersPage } from './pages/workers-page.tsx'
import { SignInPage } from './pages/sign-in-page.tsx'
import { SessionContext } from './session.tsx'

type Known = { is: 'asking' } | { is: 'out' } | { is: 'in'; session: Session } | { is: 'unknown'; error: ApiError }

/** Whoever only watches stays signed in: each request renews a session of which less than half is left. */
const renewalMs = 10 * 60_000

/** The whole page: what its address names, for whoever is signed in. */
export function App() {
  const { path } = useAddress()
  const [known, setKnown] = useState<Known>({ is: 'asking' })
  useEffect(() => {
    whenSignedOut(() => setKnown({ is: 'out' }))
    void askWhoLooks().then(setKnown)
  }, [])
  const isIn = known.is === 'in'
  useEffect(() => {
    if (!isIn) return
    const timer = setInterval(() => void askWhoLooks(), renewalMs)
    return () => clearInterval(timer)
  }, [isIn])
  switch (known.is) {
    case 'asking':
      return null
    case 'unknown':
      return (
        <main className="lonely">
          <Notice tone="bad" title="API not reachable" error={known.error} />
          <button onClick={() => void askWhoLooks().then(setKnown)}>Try again</button>
        </main>
      )
    case 'out':
      return <SignInPage onSignedIn={(session) => setKnown({ is: 'in', session })} />
    case 'in':
      return (
        <SessionContext value={known.session}>
          <Announcer>
            <Shell onSignOut={() => void signOut().finally(() => setKnown({ is: 'out' }))}>{pageAt(path)}</Shell>
          </Announcer>
        </SessionContext>
      )
  }
}

/** Ends the session here, and at the identity provider where that has one of its own. */
async function signOut(): Promise<void> {
  const { providerUrl } = await api.deleteSession()
  if (providerUrl !== undefined) location.assign(providerUrl)
}

async function askWhoLooks(): Promise<Known> {
  try {
    return { is: 'in', session: await api.getSession() }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    return error.code === 'UNAUTHENTICATED' ? { is: 'out' } : { is: 'unknown', error }
  }
}

/** What is not encoded as addresses are names nothing, and is shown as it is. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

function pageAt(path: string): ReactElement {
  const [, place = '', name = '', ...more] = path.split('/')
  if (more.length > 0) return <MissingPage />
  switch (`${place}/${name === '' || name === 'new' ? name : ':name'}`) {
    case '/':
    case 'deployments/':
      return <DeploymentsPage />
    case 'deployments/new':
      return <NewDeploymentPage />
    case 'deployments/:name':
      return <DeploymentPage key={name} id={name} />
    case 'applications/':
      return <ApplicationsPage />
    case 'applications/:name':
      return <ApplicationPage key={name} name={escapeDirectionMarks(decoded(name))} />
    case 'audit/':
      return <AuditPage />
    case 'statistics/':
      return <StatisticsPage />
    case 'workers/':
      return <WorkersPage />
    case 'locks/':
      return <LocksPage />
    default:
      return <MissingPage />
  }
}
