import type { Percentiles, StatisticsReport } from '@vesemir/contract'
import { formatDuration } from '@vesemir/words'
import { Link } from '../navigation.tsx'

/** A row for each application's environment. */
export function StatisticsTable({ places }: { places: StatisticsReport['places'] }) {
  const caption = 'Statistics by application and environment'
  return (
    <div className="table-frame" role="region" aria-label={caption} tabIndex={0}>
      <table>
        <caption className="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            <th scope="col">Application</th>
            <th scope="col" className="number">
              Deployments
            </th>
            <th scope="col" className="number">
              Failed
            </th>
            <th scope="col" className="number">
              Lead time
            </th>
            <th scope="col" className="number">
              Time to restore
            </th>
          </tr>
        </thead>
        <tbody>
          {places.map(({ application, environment, deployments, failed, rolledBack, leadTime, restoreTime }) => (
            <tr key={`${application}/${environment}`}>
              <th scope="row">
                <Link href={`/applications/${application}`}>{application}</Link>
                <span className="sub">{environment}</span>
              </th>
              <td className="number">{deployments}</td>
              <td className="number">{failed + rolledBack}</td>
              <td className="number">{median(leadTime)}</td>
              <td className="number">{median(restoreTime)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function median(percentiles: Percentiles | undefined): string {
  return percentiles ? formatDuration(percentiles.p50Ms) : ''
}
