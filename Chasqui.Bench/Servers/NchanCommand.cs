namespace Chasqui.Bench.Servers;

/// <summary>nginx with nchan: one process, in memory only. A room is a channel to which its members publish.</summary>
internal static class NchanCommand
{
    // Where the Debian packages nginx and libnginx-mod-nchan install them.
    private const string Nginx = "/usr/sbin/nginx";
    private const string Module = "/usr/lib/nginx/modules/ngx_nchan_module.so";

    public static bool IsInstalled => File.Exists(Nginx) && File.Exists(Module);

    /// <param name="folder">For its configuration and its files; it uses none of them once it is up.</param>
    public static ServerProcess Start(string folder) =>
        ServerProcess.Start([Nginx], new Dictionary<string, string>(), url =>
        {
            var configuration = Path.Combine(folder, "nginx.conf");
            File.WriteAllText(configuration, Configuration(url));
            return ["-p", folder, "-c", configuration];
        });

    private static string Configuration(Uri url) => $$"""
        load_module {{Module}};
        daemon off;
        master_process off;
        pid nginx.pid;
        error_log stderr error;
        events { worker_connections 32768; }
        http {
            access_log off;
            client_body_temp_path body;
            proxy_temp_path proxy;
            fastcgi_temp_path fastcgi;
            uwsgi_temp_path uwsgi;
            scgi_temp_path scgi;
            server {
                listen {{url.Authority}};
                location / { return 404; }
                location /ws/ {
                    nchan_pubsub websocket;
                    nchan_channel_id $uri;
                    nchan_message_buffer_length 10;
                }
            }
        }
        """;
}
