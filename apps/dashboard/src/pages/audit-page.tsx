import type { AuditEntry, AuditQuery } from '@vesemir/contract'
import { describeGrant } from '@vesemir/core'
import type { SubmitEvent } from 'react'
import { api } from '../api.ts'
import { Moment } from '../components/moment.tsx'
import { Notice } from '../components/notice.tsx'
import { PageTitle } from '../components/page-title.tsx'
import { momentOfDay } from '../moment-of-day.ts'
import { addressWith, Link, navigate, useAddress, type Address } from '../navigation.tsx'
import { useLoaded } from '../use-loaded.ts'
import { useNow } from '../use-now.ts'

/** The audit log, newest first, as the address filters it: as much of it as the API shows to who is signed in. */
export function AuditPage() {
  const place = useAddress()
  const { value, error } = useLoaded((signal) => api.listAudit(toQuery(place), { signal }), {
    key: place.query.toString(),
  })
  const isFirst = !place.query.has('before')
  return (
    <>
      <PageTitle title="Audit log" />
      <Filters key={place.query.toString()} place={place} />
      {error && <Notice tone="bad" title="Failed to load the audit log" error={error} />}
      {value?.entries.length === 0 && <p className="empty">No entries found.</p>}
      {value && value.entries.length > 0 && <Entries entries={value.entries} />}
      {(!isFirst || value?.next !== undefined) && (
        <nav className="pages" aria-label="Pages">
          {!isFirst && <Link href={addressWith(place, { before: undefined })}>Newest</Link>}
          {value?.next !== undefined && <Link href={addressWith(place, { before: `${value.next}` })}>Older</Link>}
        </nav>
      )}
    </>
  )
}

const texts = { who: 'Person', action: 'Action', application: 'Application' } as const
const days = { since: 'From', until: 'To' } as const

function Filters({ place }: { place: Address }) {
  const search = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault()
    const wanted = Object.fromEntries(new FormData(event.currentTarget)) as Record<string, string>
    navigate(addressWith(place, { ...wanted, before: undefined }))
  }
  const field = (name: string, label: string, type: 'text' | 'date') => (
    <label key={name}>
      {label}
      <input name={name} type={type} defaultValue={place.query.get(name) ?? ''} />
    </label>
  )
  return (
    <form className="filters" role="search" aria-label="Audit log" onSubmit={search}>
      {Object.entries(texts).map(([name, label]) => field(name, label, 'text'))}
      {Object.entries(days).map(([name, label]) => field(name, label, 'date'))}
      <button>Search</button>
      {place.query.size > 0 && <Link href={place.path}>Clear filters</Link>}
    </form>
  )
}

function Entries({ entries }: { entries: readonly AuditEntry[] }) {
  const nowMs = useNow()
  const caption = 'Entries of the audit log, newest first'
  return (
    <div className="table-frame" role="region" aria-label={caption} tabIndex={0}>
      <table className="audit">
        <caption className="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            <th scope="col">Who</th>
            <th scope="col">Action</th>
            <th scope="col">Outcome</th>
            <th scope="col">Change</th>
            <th scope="col">Grant</th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <Entry key={entry.seq} entry={entry} nowMs={nowMs} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Entry({ entry, nowMs }: { entry: AuditEntry; nowMs: number }) {
  const { who, token, address, at, action, subject = {}, outcome, code, grant, before, after } = entry
  const about = [subject.application, subject.environment].filter(Boolean).join(' in ')
  return (
    <tr>
      <th scope="row">
        {who === '' ? 'nobody' : who}
        <span className="sub">
          <Moment at={at} nowMs={nowMs} />
          {token !== undefined && ` · token ${token}`}
          {address !== undefined && ` · ${address}`}
        </span>
      </th>
      <td>
        {action}
        <span className="sub">
          {about}
          {subject.deployment !== undefined && (
            <>
              {about !== '' && ' · '}
              <Link href={`/deployments/${subject.deployment}`}>{subject.deployment}</Link>
            </>
          )}
        </span>
      </td>
      <td>{code ?? outcome}</td>
      <td>
        {(before !== undefined || after !== undefined) && (
          <details>
            <summary>Before and after</summary>
            <pre tabIndex={0}>{JSON.stringify({ before, after }, null, 2)}</pre>
          </details>
        )}
      </td>
      <td>{grant && describeGrant(grant)}</td>
    </tr>
  )
}

function toQuery({ query }: Address): Partial<AuditQuery> {
  const { since = '', until = '', ...others } = Object.fromEntries(query)
  const [from, to] = [momentOfDay(since, '00:00:00'), momentOfDay(until, '23:59:59.999')]
  return { ...others, ...(from === undefined ? {} : { since: from }), ...(to === undefined ? {} : { until: to }) }
}
