/** What is wrong with one field of what a person wrote; `place` is where, such as `app.yml:12:3`. */
export interface FieldError {
  field: string
  message: string
  place?: string
}
