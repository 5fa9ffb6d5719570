import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Makes a certificate for 127.0.0.1 and `names`, which is its own authority; the files are where it and its key lie. */
export function makeCertificate(
  folder: string,
  names: readonly string[] = [],
): { key: string; cert: string; ca: string; caFile: string; keyFile: string } {
  const made = mkdtempSync(join(folder, 'certificate-'))
  const [keyFile, caFile] = [join(made, 'key.pem'), join(made, 'cert.pem')]
  const alternatives = ['IP:127.0.0.1', ...names.map((name) => `DNS:${name}`)].join(',')
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1']
  const subject = ['-subj', '/CN=test', '-addext', `subjectAltName=${alternatives}`]
  execFileSync('openssl', [...request, ...subject, '-keyout', keyFile, '-out', caFile], { stdio: 'ignore' })
  const cert = readFileSync(caFile, 'utf8')
  return { key: readFileSync(keyFile, 'utf8'), cert, ca: cert, caFile, keyFile }
}
