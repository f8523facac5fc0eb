"""Two threads that begin the same work at the same moment."""

import threading

import flask

from wholecell.db import db


def race(work, runners=2):
    """Run work(0), work(1) ... in threads that begin together; gives what each returned or raised."""
    app = flask.current_app._get_current_object()
    barrier, results = threading.Barrier(runners), [None] * runners

    def run(index):
        with app.app_context():
            barrier.wait()
            try:
                results[index] = work(index)
            except Exception as error:
                results[index] = error
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(runners)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    db.session.commit()  # ends the caller's reading transaction, so that it sees what they wrote
    return results
