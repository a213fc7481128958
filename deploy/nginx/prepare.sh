#!/bin/sh
# What does nginx take from its environment? Runs in the container before nginx, writes the parts that nginx.conf includes.
set -eu
made=/etc/nginx/made

case "${ENABLE_HTTP2:-on}" in
  1 | on | true | yes) http2=on ;;
  0 | off | false | no) http2=off ;;
  *) echo "ENABLE_HTTP2 must be on or off, not '$ENABLE_HTTP2'" >&2; exit 1 ;;
esac

{
  echo "http2 $http2;"
  echo "listen 8088;"
  if [ -r /etc/nginx/certificate/fullchain.pem ] && [ -r /etc/nginx/certificate/privkey.pem ]; then
    echo "listen 8443 ssl;"
    echo "ssl_certificate /etc/nginx/certificate/fullchain.pem;"
    echo "ssl_certificate_key /etc/nginx/certificate/privkey.pem;"
  else
    echo "no certificate in TLS_FOLDER: plain HTTP only" >&2
  fi
} >"$made/listen.conf"

# A load balancer in front tells the client's address and scheme; from anybody else both are ignored.
: >"$made/client.conf"
scheme='$scheme'
for balancer in $(echo "${LOAD_BALANCERS:-}" | tr ',' ' '); do
  echo "set_real_ip_from $balancer;" >>"$made/client.conf"
  scheme='$http_x_forwarded_proto'
done
if [ -s "$made/client.conf" ]; then
  printf 'real_ip_header X-Forwarded-For;\nreal_ip_recursive on;\n' >>"$made/client.conf"
fi
echo "map \$remote_addr \$client_scheme { default $scheme; }" >>"$made/client.conf"
