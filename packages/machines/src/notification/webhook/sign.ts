import { createHmac } from 'node:crypto'

/**
 * Makes the value of `Vesemir-Signature`: when the body was signed, in seconds since 1970, and the HMAC-SHA-256 over that, a
 * dot and the body. The time in it lets a receiver turn down what someone recorded and sends again.
 */
export function sign(body: string, { secret, nowMs }: { secret: string; nowMs: number }): string {
  const seconds = Math.floor(nowMs / 1000)
  const code = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')
  return `t=${seconds},v1=${code}`
}
