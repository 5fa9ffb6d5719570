import { Suspense, useEffect, useEffectEvent, useState, type ReactElement } from 'react'
import { ApiError, type Session } from '@vesemir/contract'
import { api, sinceAnswerMs, whenSignedOut } from './api.ts'
import { Announcer } from './components/announcer.tsx'
import { lazyPage, preloadPage } from './components/lazy-page.tsx'
import { Notice } from './components/notice.tsx'
import { Shell } from './components/shell.tsx'
import { escapeDirectionMarks } from './escape-direction-marks.ts'
import { useAddress } from './navigation.tsx'
import { HomePage } from './pages/home-page.tsx'
import { MissingPage } from './pages/missing-page.tsx'
import { SignInPage } from './pages/sign-in-page.tsx'
import { SessionContext } from './session.tsx'

const ApplicationPage = lazyPage(async () => (await import('./pages/application-page.tsx')).ApplicationPage)
const ApplicationsPage = lazyPage(async () => (await import('./pages/applications-page.tsx')).ApplicationsPage)
const AuditPage = lazyPage(async () => (await import('./pages/audit-page.tsx')).AuditPage)
const ComparePage = lazyPage(async () => (await import('./pages/compare-page.tsx')).ComparePage)
const DeploymentPage = lazyPage(async () => (await import('./pages/deployment-page.tsx')).DeploymentPage)
const DeploymentsPage = lazyPage(async () => (await import('./pages/deployments-page.tsx')).DeploymentsPage)
const LocksPage = lazyPage(async () => (await import('./pages/locks-page.tsx')).LocksPage)
const NewDeploymentPage = lazyPage(async () => (await import('./pages/new-deployment-page.tsx')).NewDeploymentPage)
const StatisticsPage = lazyPage(async () => (await import('./pages/statistics-page.tsx')).StatisticsPage)
const WorkersPage = lazyPage(async () => (await import('./pages/workers-page.tsx')).WorkersPage)

type Known = { is: 'asking' } | { is: 'out' } | { is: 'in'; session: Session } | { is: 'unknown'; error: ApiError }

/** Whoever only watches stays signed in: each request renews a session of which less than half is left, 30 minutes. */
const renewalMs = 10 * 60_000

/** The whole page: what its address names, for whoever is signed in. */
export function App() {
  const { path, query } = useAddress()
  const [known, setKnown] = useState<Known>({ is: 'asking' })
  const preloadAtStart = useEffectEvent(() => preloadPage(pageAt(path, query)))
  useEffect(() => {
    whenSignedOut(() => setKnown({ is: 'out' }))
    void askWhoLooks().then(setKnown)
    preloadAtStart()
  }, [])
  const isIn = known.is === 'in'
  useEffect(() => {
    if (!isIn) return
    const renew = () => {
      if (sinceAnswerMs() >= renewalMs) void askWhoLooks()
    }
    const timer = setInterval(renew, renewalMs)
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
            <Shell onSignOut={() => void signOut().finally(() => setKnown({ is: 'out' }))}>
              <Suspense>{pageAt(path, query)}</Suspense>
            </Shell>
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

function pageAt(path: string, query: URLSearchParams): ReactElement {
  const [, place = '', name = '', ...more] = path.split('/')
  const [second] = more
  if (place === 'compare' && name !== '' && second && more.length === 1)
    return <ComparePage key={path} first={name} second={second} />
  if (more.length > 0) return <MissingPage />
  switch (`${place}/${name === '' || name === 'new' ? name : ':name'}`) {
    case '/':
      // The list was here: its addresses are kept in tickets and bookmarks.
      return query.size > 0 ? <DeploymentsPage /> : <HomePage />
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
