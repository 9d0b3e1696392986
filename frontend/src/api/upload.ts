// Sending files with progress, which fetch does not tell.
import { atGateway } from '../lib/gateway-url'
import { ApiError, authorization, failureOf, renewSession, UNREACHABLE } from './client'

export interface UploadOptions {
  /** 0 to 1. */
  onProgress: (share: number) => void
  signal: AbortSignal
}

/** The envelope's `data`. Raises ApiError, or an AbortError when it was called off. */
export async function upload<Data>(path: string, form: FormData, options: UploadOptions): Promise<Data> {
  let response = await sent(path, form, options)
  if (response.status === 401 && (await renewSession()) !== null) response = await sent(path, form, options)
  if (!response.ok) throw await failureOf(response)
  const { data } = (await response.json()) as { data: Data }
  return data
}

function sent(path: string, form: FormData, { onProgress, signal }: UploadOptions): Promise<Response> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    const callOff = () => request.abort()
    request.open('POST', atGateway(path))
    for (const [name, value] of Object.entries(authorization())) request.setRequestHeader(name, value)
    request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0)
    request.onload = () => resolve(new Response(request.responseText, { status: request.status }))
    request.onerror = () => reject(new ApiError(0, { code: UNREACHABLE }))
    request.onabort = () => reject(new DOMException('The upload was called off.', 'AbortError'))
    request.onloadend = () => signal.removeEventListener('abort', callOff)
    signal.addEventListener('abort', callOff)
    request.send(form)
  })
}
