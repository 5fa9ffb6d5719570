import { compareDeployments } from '@vesemir/core'
import { describeComparison, toPlainText, type ComparisonTable } from '@vesemir/words'
import { api } from '../api.ts'
import { capitalize } from '../components/mark.tsx'
import { Notice } from '../components/notice.tsx'
import { PageTitle } from '../components/page-title.tsx'
import { Link } from '../navigation.tsx'
import { useLoaded } from '../use-loaded.ts'

/** Two deployments side by side. */
export function ComparePage({ first, second }: { first: string; second: string }) {
  const { value, error } = useLoaded(
    (signal) => Promise.all([api.getDeployment(first, { signal }), api.getDeployment(second, { signal })]),
    { key: `${first} ${second}` },
  )
  return (
    <>
      <PageTitle title={`Compare ${first} with ${second}`}>
        Compare <Link href={`/deployments/${first}`}>{first}</Link> with{' '}
        <Link href={`/deployments/${second}`}>{second}</Link>
      </PageTitle>
      {error && <Notice tone="bad" title="Failed to load the deployments" error={error} />}
      {value &&
        describeComparison(compareDeployments(...value)).map((part) => <Part key={part.titles[0]} part={part} />)}
    </>
  )
}

function Part({ part: { titles, rows, otherwise } }: { part: ComparisonTable }) {
  if (rows.length === 0) return <p className="empty">{otherwise}</p>
  const [caption = ''] = titles.map(capitalize)
  return (
    <div className="table-frame" role="region" aria-label={caption} tabIndex={0}>
      <table className="comparison">
        <caption className="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {titles.map((title, column) => (
              <th key={column} scope="col">
                {column === 0 ? caption : title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(([name = [], ...cells]) => (
            <tr key={toPlainText(name)}>
              <th scope="row">{toPlainText(name)}</th>
              {cells.map((cell, column) => (
                <td key={column}>{toPlainText(cell)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
