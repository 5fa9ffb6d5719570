import { api } from '../api.ts'
import { Notice } from '../components/notice.tsx'
import { PageTitle } from '../components/page-title.tsx'
import { Link } from '../navigation.tsx'
import { useLoaded } from '../use-loaded.ts'

/** The registered applications. */
export function ApplicationsPage() {
  const { value, error } = useLoaded((signal) => api.listApplications({ signal }), { key: '' })
  return (
    <>
      <PageTitle title="Applications" />
      {error && <Notice tone="bad" title="Failed to load the applications" error={error} />}
      {value?.applications.length === 0 && (
        <p className="empty">
          No applications yet. Register one: <code>vesemir apps apply -f app.yml</code>
        </p>
      )}
      {value && value.applications.length > 0 && (
        <div className="table-frame" role="region" aria-label="Applications" tabIndex={0}>
          <table>
            <caption className="visually-hidden">Applications</caption>
            <thead>
              <tr>
                <th scope="col">Application</th>
                <th scope="col">Team</th>
                <th scope="col">Environments</th>
                <th scope="col" className="wide-only">
                  Cluster
                </th>
              </tr>
            </thead>
            <tbody>
              {value.applications.map(({ name, description, team, cluster, environments }) => (
                <tr key={name}>
                  <th scope="row">
                    <Link href={`/applications/${name}`}>{name}</Link>
                    {description !== undefined && <span className="sub">{description}</span>}
                  </th>
                  <td>{team}</td>
                  <td>{environments ? Object.keys(environments).join(', ') : 'any'}</td>
                  <td className="wide-only">{cluster}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  )
}
