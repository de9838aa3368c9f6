// Instead of the lists, for a caller who may not read videos.
import { noAccess } from '../words.ts';

export function NoAccess() {
  return (
    <div className="empty">
      <h1>{noAccess.title}</h1>
      <p>{noAccess.text}</p>
    </div>
  );
}
