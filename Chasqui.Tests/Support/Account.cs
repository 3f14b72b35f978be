using System.Net.Http.Json;

namespace Chasqui.Tests.Support;

/// <summary>A registered user and a token.</summary>
/// <param name="Id"><c>user:uuid</c>.</param>
/// <param name="Name">The username.</param>
/// <param name="Token">Of one login.</param>
public sealed record Account(string Id, string Name, string Token)
{
    public const string Password = "correct horse";

    public static async Task<Account> RegisterAsync(HttpClient http, Uri server, string name)
    {
        var registered = await http.PostAsJsonAsync(
            new Uri(server, "/api/register"), new { username = name, email = name + "@example.org", password = Password });
        return await LogInAsync(http, server, (await registered.ReadAsync(200)).Text("id"), name);
    }

    public static async Task<Account> LogInAsync(HttpClient http, Uri server, string id, string name, string password = Password)
    {
        var loggedIn = await http.PostAsJsonAsync(new Uri(server, "/api/login"), new { username = name, password });
        return new Account(id, name, (await loggedIn.ReadAsync(200)).Text("token"));
    }
}
