"""Serves functions of the Python SDK with the web server of the standard library."""

import os
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from statefun import RequestReplyHandler


def serve(functions):
    reply_to = RequestReplyHandler(functions)

    class Server(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Head and body in one segment: apart, the second waits for the first one's delayed acknowledgement.
        wbufsize = 65536

        def do_POST(self):
            request = self.rfile.read(int(self.headers["Content-Length"]))
            try:
                status, body = 200, reply_to.handle_sync(request)
            except Exception:
                traceback.print_exc()
                status, body = 500, b""
            self.send_response(status)
            self.send_header("Content-Type", "application/octet-stream")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format, *args):
            pass

    # The engine opens a connection for every instance at once; the default of 5 makes most of them wait for a second try.
    ThreadingHTTPServer.request_queue_size = 1024
    server = ThreadingHTTPServer(("127.0.0.1", int(os.environ["FUNCTIONS_PORT"])), Server)
    print(f"listening on {server.server_address[1]}", flush=True)
    server.serve_forever()
