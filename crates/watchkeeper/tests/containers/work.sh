while true; do cat /etc/passwd; sleep 1; done
