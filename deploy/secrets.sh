#!/bin/sh
# Makes what is missing in ./secrets (or in the folder given), and changes nothing that is there:
#   sh deploy/secrets.sh cho.example.vn [folder]
# Passwords and keys are random; the sound boxes' broker gets a certificate of an authority made here, for the name given.
# The folder is for its owner alone; the files in it are readable, because the programs in the containers are not root.
set -eu
host=${1:?the name under which buyers and sound boxes reach the market}
folder=${2:-secrets}
umask 077
mkdir -p "$folder"

make() {
	file=$folder/$1
	shift
	if [ ! -s "$file" ]; then
		"$@" >"$file.new"
		mv "$file.new" "$file"
		echo "$file"
	fi
	chmod 444 "$file"
}

for name in postgres_password market_database_password saleor_database_password; do
	make "$name" openssl rand -hex 24
done
make secret_key openssl rand -base64 48
make saleor_secret_key openssl rand -base64 48
make saleor_rsa_key openssl genrsa 2048
# How the market sends mail: smtp://user:password@host:port, smtps://…; file:// writes it into the data folder.
make email_url echo "file://"

make mqtt_authority_key openssl ecparam -name prime256v1 -genkey -noout
make mqtt_authority.pem openssl req -x509 -new -key "$folder/mqtt_authority_key" -days 7300 -subj "/CN=Cho Xa MQTT" \
	-addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign,cRLSign"
make mqtt_key.pem openssl ecparam -name prime256v1 -genkey -noout
chmod 400 "$folder/mqtt_authority_key"

# The authority is what boxes know; the certificate may be made anew at any time: remove mqtt_certificate.pem and run again.
sign() {
	openssl req -new -key "$folder/mqtt_key.pem" -subj "/CN=$host" -out "$folder/request"
	printf 'subjectAltName=DNS:%s\nextendedKeyUsage=serverAuth\n' "$host" >"$folder/names"
	openssl x509 -req -in "$folder/request" -CA "$folder/mqtt_authority.pem" -CAkey "$folder/mqtt_authority_key" \
		-set_serial "0x$(openssl rand -hex 16)" -days 825 -extfile "$folder/names" 2>/dev/null
	rm "$folder/request" "$folder/names"
}
make mqtt_certificate.pem sign
