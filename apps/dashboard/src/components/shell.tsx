import { describeTimeZone } from '@vesemir/words'
import type { ReactNode } from 'react'
import { Link, useAddress } from '../navigation.tsx'
import { useSession } from '../session.tsx'

const places = [
  { href: '/', label: 'Overview', of: [''] },
  { href: '/deployments', label: 'Deployments', of: ['deployments'] },
  { href: '/applications', label: 'Applications', of: ['applications'] },
  { href: '/locks', label: 'Locks', of: ['locks'] },
  { href: '/statistics', label: 'Statistics', of: ['statistics'] },
  { href: '/workers', label: 'Workers', of: ['workers'] },
]

/** The frame of every page: navigation, and who is signed in. */
export function Shell({ children, onSignOut }: { children: ReactNode; onSignOut: () => void }) {
  const { path } = useAddress()
  const { name, role, mayDeploy, mayAudit } = useSession()
  const here = path.split('/')[1] ?? ''
  return (
    <>
      <a className="skip" href="#main">
        Skip to content
      </a>
      <header className="shell">
        <Link className="brand" href="/">
          <Wolf />
          Vesemir
        </Link>
        <nav aria-label="Vesemir">
          {places.map(({ href, label, of }) => (
            <Link key={href} href={href} aria-current={of.includes(here) ? 'page' : undefined}>
              {label}
            </Link>
          ))}
          {mayAudit && (
            <Link href="/audit" aria-current={here === 'audit' ? 'page' : undefined}>
              Audit
            </Link>
          )}
          <a href="/queues">Queues</a>
          <a href="/docs">API</a>
          <a href="/help/">Help</a>
        </nav>
        <div className="who">
          {mayDeploy && (
            <Link className="button primary" href="/deployments/new">
              New deployment
            </Link>
          )}
          <span className="who-name" title={`Signed in as ${name} (${role})`}>
            {name}
          </span>
          <button className="quiet" onClick={onSignOut}>
            Sign out
          </button>
        </div>
      </header>
      <main id="main" tabIndex={-1}>
        {children}
      </main>
      <footer className="shell-footer sub">Times are in {describeTimeZone(new Date())}</footer>
    </>
  )
}

export function Wolf() {
  return (
    <svg className="wolf" viewBox="0 0 24 24" aria-hidden="true">
      <path d="M3 3l5 4h8l5-4v9l-4 5-5 5-5-5-4-5zM8 12l3 1.5M16 12l-3 1.5M10.5 18h3" />
    </svg>
  )
}
