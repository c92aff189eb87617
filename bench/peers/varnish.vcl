# Varnish in front of the edge: each answer is asked for once and kept for an hour, whatever it says itself.
vcl 4.1;

backend edge {
  .host = "127.0.0.1";
  .port = "${origin}";
}

sub vcl_backend_response {
  set beresp.ttl = 1h;
  set beresp.grace = 0s;
  return (deliver);
}
